import { expect, test } from 'vitest'
import { createSupervisor } from '../../src/index.js'
import {
  type StdioServer,
  configOf,
  isRunning,
  stdioServer,
  supervise,
  textOf,
  until,
} from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

/** Everything a server has started, itself included. */
const family = (server: StdioServer) => [...server.pids(), ...server.journal.children()]

test('fails a call in flight as shut down when it does not finish in time', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' }, { drainTimeoutMs: 200 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const call = errorOf(supervisor.callTool('server', 'echo'))
  await until(() => server.received('tools/call') === 1)

  await supervisor.close()

  expect(await call).toMatchObject({ code: 'SHUTDOWN', server: 'server', delivered: 'maybe', retryable: false })
})

test('lets a call in flight finish before its server ends', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const call = supervisor.callTool('server', 'sleep', { ms: 500 })

  const closed = supervisor.close()

  expect(textOf(await call)).toBe('slept 500')
  expect(await closed).toMatchObject({ closed: 1, endedBy: { server: 'stdin' } })
})

test('fails a call that still waits as shut down and undelivered', async () => {
  const server = stdioServer({}, { maxConcurrency: 1 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const first = supervisor.callTool('server', 'sleep', { ms: 300 })
  const second = errorOf(supervisor.callTool('server', 'echo'))

  await supervisor.close()

  expect(await second).toMatchObject({ code: 'SHUTDOWN', delivered: 'no' })
  expect(textOf(await first)).toBe('slept 300')
  expect(server.executed('echo')).toBe(0)
})

test.each([
  ['connecting', { initialize: 'hang' }],
  ['retrying', { start: { mode: 'exit', code: 3 } }],
])('leaves nothing of a server that is %s', async (state, faults) => {
  const server = stdioServer(faults, { minTimeoutMs: 60_000 })
  const supervisor = supervise({ server })
  const call = errorOf(supervisor.callTool('server', 'echo'))
  await until(() => supervisor.status('server').state === state && server.pids().length === 1)

  expect(await supervisor.close()).toMatchObject({ total: 1, closed: 1, errors: {} })

  expect(await call).toMatchObject({ code: 'SHUTDOWN', delivered: 'no' })
  expect(server.pids().filter(isRunning)).toEqual([])
})

test('ends a server that is deaf to stdin and SIGTERM, with its deaf grandchild', async () => {
  const server = stdioServer({ end: 'ignore', term: 'ignore', children: 'stubborn' }, { shutdownTimeoutMs: 300 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  expect(family(server)).toHaveLength(2)

  const report = await supervisor.close()

  expect(report).toMatchObject({ closed: 1, errors: {}, endedBy: { server: 'SIGKILL' } })
  expect(family(server).filter(isRunning)).toEqual([])
})

test('ends a grandchild that outlives its well-behaved server', async () => {
  const server = stdioServer({ children: ['group', 'holds-pipes'] }, { shutdownTimeoutMs: 300 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  expect(family(server)).toHaveLength(3)

  await supervisor.close()

  expect(family(server).filter(isRunning)).toEqual([])
})

test.skipIf(process.platform === 'win32')('ends a server behind a shell', async () => {
  const server = stdioServer({ end: 'ignore' }, { shutdownTimeoutMs: 300 })
  const { command, args = [] } = server.entry
  const line = [command, ...args].map((word) => `'${word}'`).join(' ')
  const supervisor = supervise({ server: { ...server.entry, command: 'sh', args: ['-c', `${line}; true`] } })
  const pid = Number(textOf(await supervisor.callTool('server', 'pid')))
  expect(supervisor.status('server').pid).not.toBe(pid)

  await supervisor.close()

  expect(isRunning(pid)).toBe(false)
})

test.skipIf(process.platform !== 'linux')('ends a grandchild in a session of its own', async () => {
  const server = stdioServer({ children: ['own-session', 'double-fork'] }, { shutdownTimeoutMs: 300 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  await until(() => family(server).length === 3)

  await supervisor.close()

  expect(family(server).filter(isRunning)).toEqual([])
})

test('refuses every call after the close and starts nothing', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  await supervisor.close()

  expect(await errorOf(supervisor.callTool('server', 'echo'))).toMatchObject({ code: 'SHUTDOWN', delivered: 'no' })
  expect(await errorOf(supervisor.testConnection('server'))).toMatchObject({ code: 'SHUTDOWN' })
  expect(await supervisor.reload({ mcpServers: { server: server.entry } })).toMatchObject({
    ok: false,
    error: { code: 'SHUTDOWN' },
  })

  expect(server.pids()).toHaveLength(1)
})

test('refuses a call that arrives while the supervisor closes', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const inFlight = supervisor.callTool('server', 'sleep', { ms: 300 })

  const closed = supervisor.close()
  const error = await errorOf(supervisor.callTool('server', 'echo'))

  expect(error).toMatchObject({ code: 'SHUTDOWN', delivered: 'no' })
  expect(textOf(await inFlight)).toBe('slept 300')
  expect(await closed).toMatchObject({ closed: 1 })
})

test('closes at the end of the block that uses it', async () => {
  const server = stdioServer()
  {
    await using supervisor = createSupervisor(configOf({ server }))
    await supervisor.callTool('server', 'echo', { text: 'used' })
    expect(server.pids().filter(isRunning)).toHaveLength(1)
  }

  expect(server.pids().filter(isRunning)).toEqual([])
})
