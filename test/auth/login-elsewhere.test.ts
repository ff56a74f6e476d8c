import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createFileTokenStore } from '../../src/index.js'
import { folderOf, startCommand } from '../cli/command-line.js'
import { type ProtectedServer, protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { supervise, textOf } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

/** A supervisor whose server waits for a person, and a way for one to log in by `mcpvisor auth`. */
async function waiting(server: ProtectedServer, entry: object = {}) {
  const cwd = folderOf({ 'mcp.json': { mcpServers: { api: { url: server.url } } } })
  const tokenStore = createFileTokenStore(join(cwd, 'state', 'mcpvisor', 'tokens'))
  const supervisor = supervise({ api: { url: server.url, ...entry } }, { tokenStore })
  const told: string[] = []
  for (const type of ['auth.required', 'auth.completed'] as const) supervisor.on(type, () => told.push(type))
  expect(await errorOf(supervisor.callTool('api', 'echo', {}))).toMatchObject({ code: 'AUTH_REQUIRED' })
  async function logInElsewhere() {
    const command = startCommand(['auth', 'api', '-c', 'mcp.json'], { cwd })
    await command.says('/authorize?')
    await sayYes(/^http:\/\/\S+$/m.exec(command.stderr())?.[0] ?? '')
    expect(await command.ended).toMatchObject({ code: 0 })
  }
  return { supervisor, told, logInElsewhere }
}

describe('a login that another process made', () => {
  const numbers = Array.from({ length: 20 }, (_, n) => String(n))

  test('is found by the next calls, and makes one connection for all of them', async () => {
    const server = await protectedServer()
    const { supervisor, told, logInElsewhere } = await waiting(server)
    await logInElsewhere()
    const calls = numbers.map((text) => supervisor.callTool('api', 'echo', { text }))
    expect((await Promise.all(calls)).map(textOf)).toEqual(numbers)
    expect(supervisor.status('api')).toMatchObject({ state: 'ready', generation: 2, error: '' })
    expect(told).toEqual(['auth.required', 'auth.completed'])
    expect(server.authorization.asked('/authorize')).toHaveLength(1)
  })

  test('is found by calls that have a session each, of a server that failed as such', async () => {
    const server = await protectedServer()
    const { supervisor, logInElsewhere } = await waiting(server, { supervisor: { session: 'per-call' } })
    await errorOf(supervisor.listTools('api'))
    await logInElsewhere()
    const calls = numbers.map((text) => supervisor.callTool('api', 'echo', { text }))
    expect((await Promise.all(calls)).map(textOf)).toEqual(numbers)
    expect(supervisor.status('api').state).toBe('ready')
  })

  test('lets in a lease that failed for want of it, also once its server has taken it over', async () => {
    const server = await protectedServer()
    const { supervisor, logInElsewhere } = await waiting(server)
    const [one, other] = [supervisor.lease('api'), supervisor.lease('api')]
    for (const lease of [one, other])
      expect(await errorOf(lease.callTool('echo'))).toMatchObject({ code: 'AUTH_REQUIRED' })
    await logInElsewhere()
    expect(textOf(await supervisor.callTool('api', 'echo', { text: 'server' }))).toBe('server')
    for (const lease of [one, other]) expect(textOf(await lease.callTool('echo', { text: 'in' }))).toBe('in')
    server.authorization.expire('all')
    expect(await errorOf(one.callTool('echo'))).toMatchObject({ code: 'AUTH_REQUIRED' })
    await supervisor.authorize('api', { open: sayYes })
    expect(textOf(await one.callTool('echo', { text: 'again' }))).toBe('again')
  })

  test('is not found while there is none: every call is refused, and nobody is asked again', async () => {
    const server = await protectedServer()
    const { supervisor, told } = await waiting(server)
    const before = server.fixture.journal.length
    const errors = await Promise.all(Array.from({ length: 20 }, () => errorOf(supervisor.callTool('api', 'echo', {}))))
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['AUTH_REQUIRED']))
    expect([server.fixture.journal.length, told]).toEqual([before, ['auth.required']])
  })

  test('is not good any more when it is found: that is told by the call, as by any', async () => {
    const server = await protectedServer()
    const { supervisor, told, logInElsewhere } = await waiting(server)
    await logInElsewhere()
    server.authorization.expire('all')
    expect(await errorOf(supervisor.callTool('api', 'echo', {}))).toMatchObject({ code: 'AUTH_REQUIRED' })
    expect(told).toEqual(['auth.required', 'auth.completed', 'auth.required'])
  })
})

test('a store that does not answer holds no call beyond its deadline, nor one that is given up', async () => {
  const { url } = await protectedServer()
  let isStuck = false
  const supervisor = supervise(
    { api: { url } },
    {
      tokenStore: {
        load: () => (isStuck ? new Promise(() => {}) : Promise.resolve(undefined)),
        save: async () => {},
        delete: async () => {},
      },
    },
  )
  await errorOf(supervisor.connect('api'))
  isStuck = true
  const abort = new AbortController()
  const late = errorOf(supervisor.callTool('api', 'echo', {}, { timeoutMs: 200 }))
  const aborted = errorOf(supervisor.callTool('api', 'echo', {}, { signal: abort.signal }))
  abort.abort()
  expect(await aborted).toMatchObject({ code: 'CALL_ABORTED', delivered: 'no' })
  expect(await late).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'no' })
})
