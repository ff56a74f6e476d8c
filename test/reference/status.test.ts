import { expect, test } from 'vitest'
import { configOf, stdioServer, supervise, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

test('S54: the status of an unknown name is neither connected nor initialized, and has no error', () => {
  const supervisor = supervise({})

  for (const name of ['nobody', '', '__proto__', 'constructor']) {
    expect(supervisor.status(name)).toMatchObject({
      name,
      connected: false,
      error: '',
      initialized: false,
      state: 'closed',
    })
  }
})

test('S55: an invalid entry is failed, not initialized, and carries its error', () => {
  const supervisor = supervise({ invalid: {} })

  expect(supervisor.status('invalid')).toMatchObject({
    state: 'failed',
    connected: false,
    initialized: false,
    error: 'Server "invalid" must specify either "command" (stdio) or "url" (HTTP) transport',
  })
})

test('S56 (F4): connected is true from the first use until the process is gone', async () => {
  const server = stdioServer({}, { minTimeoutMs: 60_000, retries: 0, maxRestarts: 0 })
  const supervisor = supervise({ server })
  expect(supervisor.status('server').connected).toBe(false)

  await supervisor.callTool('server', 'echo', { text: 'a' })
  expect(supervisor.status('server')).toMatchObject({ connected: true, state: 'ready', pid: server.pids()[0] })

  await errorOf(supervisor.callTool('server', 'crash'))
  await until(() => supervisor.status('server').state === 'failed')
  expect(supervisor.status('server')).toMatchObject({ connected: false })
  expect(supervisor.status('server').error).toContain('SIGKILL')
})

test('S56 (F4): every transition of a server is told as it happens', async () => {
  const supervisor = supervise({ server: stdioServer() })
  const states: string[] = []
  supervisor.on('state.changed', ({ to }) => void states.push(to))
  await until(() => supervisor.status('server').state === 'idle')

  await supervisor.callTool('server', 'echo', { text: 'a' })

  expect(states).toEqual(['uninitialized', 'idle', 'connecting', 'ready'])
})

test('S57 (F11): the servers are the configured names in their order, those that cannot start included', async () => {
  const [first, second] = [stdioServer(), stdioServer()]
  const supervisor = supervise({ first, invalid: {}, second })
  expect(supervisor.servers()).toEqual(['first', 'invalid', 'second'])
  expect(supervisor.statuses().map(({ name }) => name)).toEqual(['first', 'invalid', 'second'])

  const changed = { ...first.entry, env: { ...first.entry.env, CHANGED: 'yes' } }
  await supervisor.reload(configOf({ first: changed, second }))

  expect(supervisor.servers()).toEqual(['first', 'second'])
})

test('S58: config is the last accepted map, failed entries included', async () => {
  const server = stdioServer()
  const given = configOf({ server, invalid: {} })
  const supervisor = supervise({ server, invalid: {} })
  expect(supervisor.config()).toEqual(given)

  expect(await supervisor.reload({ mcpServers: 42 })).toMatchObject({ ok: false })
  expect(supervisor.config()).toEqual(given)

  const next = configOf({ server })
  expect(await supervisor.reload(next)).toMatchObject({ ok: true })
  expect(supervisor.config()).toEqual(next)
})
