import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { authorizationServer, json } from '../fixtures/authorization/server.js'
import { protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { seen } from '../support/fault-canaries.js'
import { supervise } from '../support/fixture-servers.js'

test('no token, code, verifier or client secret is in anything that a host sees, also when the servers betray them', async () => {
  const consoles = (['log', 'warn', 'error', 'info'] as const).map((method) => vi.spyOn(console, method))
  const withSecret = { token_endpoint_auth_methods_supported: ['client_secret_basic'] }
  const metadata = () => withSecret
  const authorization = await authorizationServer({ metadata })
  const betrayed = () => authorization.secrets().join(' ')
  const server = await protectedServer({}, authorization)
  let logged = ''
  const sink = new Writable({ write: (chunk: Buffer, _, done) => (done(), void (logged += chunk.toString())) })
  const places: unknown[] = []
  const supervisor = supervise(
    { api: { url: server.url, supervisor: { retries: 0 } } },
    { logger: pino({ level: 'trace' }, sink), inspect: (event) => void places.push(seen(event, 4)) },
  )
  supervisor.on('*', (event) => void places.push(event))
  await supervisor.authorize('api', { open: sayYes })
  authorization.expire()
  await supervisor.callTool('api', 'echo', { text: 'renewed' })
  authorization.expire()
  authorization.set({
    metadata,
    intercept({ path, body }, res) {
      if (path !== '/token') return false
      json(res, 400, { error: 'invalid_scope', error_description: `${betrayed()} ${body}` })
      return true
    },
  })
  places.push(await supervisor.callTool('api', 'echo', {}).catch((error: unknown) => error))
  const isFailed = () => supervisor.status('api').state === 'failed'
  await expect.poll(isFailed).toBe(true)
  authorization.expire('all')
  authorization.set({ metadata })
  places.push(await supervisor.connect('api').catch((error: unknown) => error))
  authorization.set({
    metadata,
    intercept({ path, body }, res) {
      if (path !== '/token') return false
      json(res, 400, { error: 'invalid_grant', error_description: `${betrayed()} ${body}` })
      return true
    },
  })
  places.push(await supervisor.authorize('api', { open: sayYes }).catch((error: unknown) => error))
  places.push(
    supervisor.statuses(),
    supervisor.explain('api'),
    consoles.map(({ mock }) => mock.calls),
  )
  const verifiers = authorization.asked('/token').map(({ parameters }) => parameters.get('code_verifier') ?? '')
  const secrets = [...authorization.secrets(), ...verifiers].filter((text) => text !== '')
  expect(secrets.length).toBeGreaterThan(8)
  const everything = `${logged}\n${places.map((place) => (typeof place === 'string' ? place : seen(place))).join('\n')}`
  const forms = secrets.flatMap((text) => [text, Buffer.from(text).toString('base64'), encodeURIComponent(text)])
  expect(forms.filter((form) => everything.includes(form))).toEqual([])
  expect(everything).toContain('refused with invalid_grant')
})
