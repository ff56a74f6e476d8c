import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { Supervisor, SupervisorEvent } from '../../src/index.js'
import { createMemoryTokenStore } from '../../src/auth/memory-token-store.js'
import { authorizationServer, json } from '../fixtures/authorization/server.js'
import { endOf, protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { errorOf } from '../support/rejection.js'
import { supervise, textOf } from '../support/fixture-servers.js'

describe('a server that a person has to log in at', () => {
  test('is failed and says where, until somebody does', async () => {
    const { url } = await protectedServer()
    const supervisor = supervise({ api: { url } })
    const told: SupervisorEvent[] = []
    supervisor.on('auth.required', (event) => told.push(event))
    const error = await errorOf(supervisor.connect('api'))
    expect(error).toMatchObject({ code: 'AUTH_REQUIRED', phase: 'auth', delivered: 'no', retryable: false })
    expect(supervisor.status('api')).toMatchObject({ state: 'failed', error: error.message })
    expect(told).toEqual([
      { type: 'auth.required', server: 'api', url: expect.stringContaining('/authorize?') as string },
    ])
  })

  test('is connected once the browser came back to this machine', async () => {
    const { url, authorization } = await protectedServer()
    const supervisor = supervise({ api: { url } })
    const completed: SupervisorEvent[] = []
    supervisor.on('auth.completed', (event) => completed.push(event))
    await supervisor.authorize('api', { open: sayYes })
    expect(supervisor.status('api').state).toBe('ready')
    expect(textOf(await supervisor.callTool('api', 'echo', { text: 'in' }))).toBe('in')
    expect(completed).toEqual([{ type: 'auth.completed', server: 'api' }])
    const [exchange] = authorization.asked('/token', 'authorization_code')
    expect(exchange?.parameters.get('code_verifier')).toMatch(/^[\w.~-]{43,128}$/)
    expect(exchange?.parameters.get('resource')).toBe(url)
  })

  test('may have been opened from the event: the same address is waited for', async () => {
    const { url } = await protectedServer()
    const supervisor = supervise({ api: { url } })
    const opened: string[] = []
    supervisor.on('auth.required', (event) => opened.push(event.url ?? ''))
    await supervisor.connect('api').catch(() => {})
    const authorized = supervisor.authorize('api', { open: (at) => void opened.push(at) })
    await expect.poll(() => new Set(opened).size === 1 && opened.length >= 2).toBe(true)
    await sayYes(opened[0] ?? '')
    await authorized
    expect(supervisor.status('api').state).toBe('ready')
  })

  test('takes the address that the login ended at, for a browser that is elsewhere', async () => {
    const { url } = await protectedServer()
    const supervisor = supervise({
      api: {
        url,
        oauth: {
          redirectUri: 'https://elsewhere.example/back',
          clientId: 'registered',
          clientSecret: 'secret-of-registered',
        },
      },
    })
    await supervisor.authorize('api', { open: endOf })
    expect(supervisor.status('api').state).toBe('ready')
  })

  test('asks nothing of the person when it is already let in', async () => {
    const { url, authorization } = await protectedServer()
    const tokenStore = createMemoryTokenStore()
    await supervise({ api: { url } }, { tokenStore }).authorize('api', { open: sayYes })
    const again = supervise({ renamed: { url } }, { tokenStore })
    await again.authorize('renamed', { open: () => expect.unreachable('nobody is needed') })
    expect(authorization.asked('/authorize')).toHaveLength(1)
  })

  test('needs one more login for a call that needs a wider scope, and stays ready meanwhile', async () => {
    const { url, authorization } = await protectedServer({ scope: 'read', toolScopes: { counter: 'write' } })
    const supervisor = supervise({ api: { url } })
    await supervisor.authorize('api', { open: sayYes })
    const error = await errorOf(supervisor.callTool('api', 'counter'))
    expect(error).toMatchObject({ code: 'AUTH_REQUIRED', httpStatus: 403, delivered: 'no' })
    expect(error.message).toContain('write')
    expect(supervisor.status('api').state).toBe('ready')
    await supervisor.authorize('api', { open: sayYes })
    expect(textOf(await supervisor.callTool('api', 'counter'))).toBe('1')
    const scopes = authorization.asked('/authorize').map(({ parameters }) => parameters.get('scope'))
    expect(scopes).toEqual(['read', 'read write'])
  })

  test('remembers its client with the port, and registers another when the port is taken', async () => {
    const { url, authorization } = await protectedServer()
    const tokenStore = createMemoryTokenStore()
    const redirects = () => authorization.asked('/authorize').map(({ parameters }) => parameters.get('redirect_uri'))
    const login = async () => {
      authorization.expire('all')
      await supervise({ api: { url } }, { tokenStore }).authorize('api', { open: sayYes })
    }
    await login()
    await login()
    expect(authorization.asked('/register')).toHaveLength(1)
    expect(redirects()[1]).toBe(redirects()[0])
    const taken = createServer().listen(Number(new URL(redirects()[0] ?? '').port), '127.0.0.1')
    await once(taken, 'listening')
    await login()
    taken.close()
    expect(authorization.asked('/register')).toHaveLength(2)
    expect(redirects()[2]).not.toBe(redirects()[0])
  })
})

describe('a login that comes to nothing', () => {
  test.each([
    ['it is refused', { error: 'access_denied', code: null }, /login: refused with access_denied/],
    ['it comes from another issuer', { iss: 'https://evil.example' }, /issuer must be/],
    ['it does not say its issuer', { iss: null }, /issuer must be .* got none/],
    ['it holds no code', { code: null }, /holds no code/],
  ])('because %s', async (_, redirect, message) => {
    const authorization = await authorizationServer({ redirect })
    const { url } = await protectedServer({}, authorization)
    const supervisor = supervise({ api: { url } })
    const error = await errorOf(supervisor.authorize('api', { open: sayYes }))
    expect(error).toMatchObject({ code: 'AUTH_FAILED', message: expect.stringMatching(message) as string })
    expect(authorization.asked('/token')).toEqual([])
  })

  test('because its state is another: the browser is told, and the right one is still waited for', async () => {
    const authorization = await authorizationServer({ redirect: { state: 'forged' } })
    const { url } = await protectedServer({}, authorization)
    const supervisor = supervise({ api: { url } })
    const authorized = supervisor.authorize('api', {
      async open(at) {
        expect((await fetch(await endOf(at))).status).toBe(400)
        authorization.set({})
        await sayYes(at)
      },
    })
    await authorized
    expect(supervisor.status('api').state).toBe('ready')
  })

  test('because the redirect came twice: the second is refused, and one code is exchanged', async () => {
    const { url, authorization } = await protectedServer()
    const supervisor = supervise({ api: { url } })
    const statuses: number[] = []
    await supervisor.authorize('api', {
      async open(at) {
        const end = await endOf(at)
        const twice = await Promise.all([end, end].map(async (one) => (await fetch(one)).status))
        statuses.push(...twice)
      },
    })
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 400])
    expect(authorization.asked('/token')).toHaveLength(1)
  })

  test('because the authorization server has forgotten the client: the next one registers anew', async () => {
    const { url, authorization } = await protectedServer()
    const supervisor = supervise({ api: { url } })
    authorization.set({
      intercept({ path }, res) {
        if (path === '/token') json(res, 401, { error: 'invalid_client' })
        return path === '/token'
      },
    })
    const error = await errorOf(supervisor.authorize('api', { open: sayYes }))
    expect(error).toMatchObject({ code: 'AUTH_FAILED', message: expect.stringContaining('invalid_client') as string })
    authorization.set({})
    await supervisor.authorize('api', { open: sayYes })
    expect(authorization.asked('/register')).toHaveLength(2)
  })

  test('because the address could not be shown: that is said', async () => {
    const { url } = await protectedServer()
    const supervisor = supervise({ api: { url } })
    const open = () => Promise.reject(new Error('no screen'))
    expect(await errorOf(supervisor.authorize('api', { open }))).toMatchObject({
      code: 'AUTH_FAILED',
      message: 'Server "api": authorization failed: login: "open" failed: no screen',
    })
  })

  test('because nobody came', async () => {
    const { url } = await protectedServer()
    const supervisor = supervise({ api: { url } })
    const error = await errorOf(supervisor.authorize('api', { timeoutMs: 50 }))
    expect(error).toMatchObject({ code: 'AUTH_FAILED', message: expect.stringContaining('within 50 ms') as string })
  })

  test('because it is not wanted any more', async () => {
    const { url } = await protectedServer()
    const supervisor = supervise({ api: { url } })
    const abort = new AbortController()
    const authorized = errorOf(supervisor.authorize('api', { open: () => abort.abort(), signal: abort.signal }))
    expect(await authorized).toMatchObject({ code: 'CALL_ABORTED', phase: 'auth' })
  })

  test.each<[string, (supervisor: Supervisor) => unknown, string]>([
    ['the supervisor is closed', (supervisor) => supervisor.close(), 'SHUTDOWN'],
    ['the server is removed', (supervisor) => supervisor.reload({ mcpServers: {} }), 'SERVER_UNKNOWN'],
  ])('because %s meanwhile: nobody is waited for any longer', async (_, end, code) => {
    const { url, authorization } = await protectedServer()
    const supervisor = supervise({ api: { url } })
    const error = await errorOf(supervisor.authorize('api', { open: () => void end(supervisor) }))
    expect(error).toMatchObject({ code })
    expect(authorization.asked('/authorize')).toEqual([])
  })
})

test('a login that several ask for is one, and who asked first may give up alone', async () => {
  const { url, authorization } = await protectedServer()
  const supervisor = supervise({ api: { url } })
  const [first, second] = [new AbortController(), new AbortController()]
  let address = ''
  const given = errorOf(supervisor.authorize('api', { signal: first.signal, open: (at) => void (address = at) }))
  await expect.poll(() => address).not.toBe('')
  const refused = errorOf(supervisor.authorize('api', { signal: second.signal }))
  const late = errorOf(supervisor.authorize('api', { timeoutMs: 50 }))
  const third = supervisor.authorize('api', { open: sayYes })
  expect(await late).toMatchObject({ code: 'AUTH_FAILED', message: expect.stringContaining('within 50 ms') as string })
  second.abort()
  expect(await refused).toMatchObject({ code: 'CALL_ABORTED' })
  first.abort()
  expect(await given).toMatchObject({ code: 'CALL_ABORTED' })
  await third
  expect(authorization.asked('/authorize')).toHaveLength(1)
})

test('where to log in is looked for anew when nobody has, since it may have moved', async () => {
  const tokenStore = createMemoryTokenStore()
  const [before, after] = [await authorizationServer(), await authorizationServer()]
  let current = before
  const { url } = await protectedServer({ resource: () => ({ authorization_servers: [current.issuer] }) }, after)
  await errorOf(supervise({ api: { url } }, { tokenStore }).connect('api'))
  expect(before.asked('/register')).toHaveLength(1)
  current = after
  await supervise({ api: { url } }, { tokenStore }).authorize('api', { open: sayYes })
  expect([before, after].map(({ asked }) => asked('/authorize').length)).toEqual([0, 1])
})

test('logging out forgets the tokens, and tells the authorization server', async () => {
  const { url, authorization } = await protectedServer()
  const supervisor = supervise({ api: { url } })
  await supervisor.authorize('api', { open: sayYes })
  expect(await supervisor.logout('api')).toEqual({ revoked: true })
  expect(authorization.asked('/revoke')).toHaveLength(1)
  expect(supervisor.status('api').state).toBe('failed')
  expect(await errorOf(supervisor.callTool('api', 'echo', {}))).toMatchObject({ code: 'AUTH_REQUIRED' })
  await supervisor.authorize('api', { open: sayYes })
  expect(supervisor.status('api').state).toBe('ready')
})
