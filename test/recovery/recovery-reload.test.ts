import { expect, test } from 'vitest'
import type { Policy } from '../../src/index.js'
import {
  type StdioServer,
  configOf,
  httpServer,
  isRunning,
  stdioServer,
  supervise,
  textOf,
  until,
} from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

/** The same server under another configuration. */
const changed = ({ entry }: StdioServer, policy: Partial<Policy> = {}) => ({
  ...entry,
  env: { ...entry.env, CHANGED: 'yes' },
  supervisor: { ...entry.supervisor, ...policy },
})

test('touches nothing when a reload changes nothing', async () => {
  const [stdio, http] = [stdioServer(), await httpServer()]
  const supervisor = supervise({ stdio, http })
  await Promise.all([supervisor.connect('stdio'), supervisor.connect('http')])
  const [statuses, sessions] = [supervisor.statuses(), http.fixture.sessions]
  const events: string[] = []
  supervisor.on('*', ({ type }) => void events.push(type))

  await supervisor.reload(structuredClone(configOf({ stdio, http })))

  expect(supervisor.statuses()).toEqual(statuses)
  expect(http.fixture.sessions).toEqual(sessions)
  expect(events).toEqual(['config.reloaded'])
})

test('gives calls that arrive during a reload to the new configuration, once the old calls finished', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const old = supervisor.callTool('server', 'sleep', { ms: 600 })

  const reloaded = supervisor.reload(configOf({ server: changed(server) }))
  await until(() => supervisor.status('server').state === 'closing')
  const late = Promise.all(Array.from({ length: 20 }, () => supervisor.callTool('server', 'pid')))

  expect(textOf(await old)).toBe('slept 600')
  expect(await reloaded).toMatchObject({ ok: true, updated: ['server'] })
  expect(new Set((await late).map(textOf))).toEqual(new Set(server.pids().slice(1).map(String)))
  expect(server.pids()).toHaveLength(2)
})

test('fails a call that does not finish before the drain deadline, and goes on with the new configuration', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' }, { drainTimeoutMs: 200 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const call = errorOf(supervisor.callTool('server', 'echo'))

  await supervisor.reload(configOf({ server: changed(server) }))

  expect(await call).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe', retryable: true })
  expect(textOf(await supervisor.callTool('server', 'env'))).toContain('CHANGED')
  expect(server.received('tools/call')).toBe(2)
})

test('lets a call to a removed server finish', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const call = supervisor.callTool('server', 'sleep', { ms: 500 })

  const reloaded = supervisor.reload({ mcpServers: {} })

  expect(textOf(await call)).toBe('slept 500')
  expect(await reloaded).toMatchObject({ ok: true, removed: ['server'] })
  expect(server.pids().filter(isRunning)).toEqual([])
})

test('fails a call to a removed server that does not finish in time', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' }, { drainTimeoutMs: 200 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const call = errorOf(supervisor.callTool('server', 'echo'))

  await supervisor.reload({ mcpServers: {} })

  expect(await call).toMatchObject({ code: 'SERVER_REMOVED', server: 'server', delivered: 'maybe', retryable: false })
})

test('fails a call that waits for a removed server as undelivered', async () => {
  const server = stdioServer({ initialize: 'hang' })
  const supervisor = supervise({ server })
  const call = errorOf(supervisor.callTool('server', 'echo'))
  await until(() => supervisor.status('server').state === 'connecting')

  expect(await supervisor.reload({ mcpServers: {} })).toMatchObject({ ok: true, removed: ['server'] })

  expect(await call).toMatchObject({ code: 'SERVER_REMOVED', delivered: 'no' })
})

test('keeps calls waiting that a reload finds in a server that cannot start, and answers them when it can', async () => {
  const server = stdioServer({ initialize: 'hang' })
  const supervisor = supervise({ server })
  const call = supervisor.callTool('server', 'echo', { text: 'healed' })
  await until(() => supervisor.status('server').state === 'connecting')
  const [path] = server.entry.args ?? []

  await supervisor.reload(configOf({ server: { ...server.entry, args: [path, '{}'] } }))

  expect(textOf(await call)).toBe('healed')
  expect(server.executed('echo')).toBe(1)
})

test('brings a server back that is removed and added while it drains', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const call = supervisor.callTool('server', 'sleep', { ms: 500 })

  const reports = await Promise.all([supervisor.reload({ mcpServers: {} }), supervisor.reload(configOf({ server }))])

  expect(reports).toMatchObject([{ removed: ['server'] }, { added: ['server'] }])
  expect(textOf(await call)).toBe('slept 500')
  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'again' }))).toBe('again')
  expect(server.pids()).toHaveLength(2)
})

test('closes while a reload is under way', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const call = supervisor.callTool('server', 'sleep', { ms: 300 })

  const reloaded = supervisor.reload(configOf({ server: changed(server) }))
  await until(() => supervisor.status('server').state === 'closing')
  const report = await supervisor.close()

  expect(report).toMatchObject({ total: 1, closed: 1, errors: {} })
  await reloaded
  expect(textOf(await call)).toBe('slept 300')
  expect(server.pids().filter(isRunning)).toEqual([])
})
