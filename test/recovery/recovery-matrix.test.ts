import { expect, test } from 'vitest'
import { stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { watch } from '../support/fault-watch.js'
import { errorOf } from '../support/rejection.js'

test('opens a server with one process', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  await supervisor.connect('server')
  await supervisor.connect('server')

  expect(server.pids()).toHaveLength(1)
  expect(server.received('initialize')).toBe(1)
})

test('starts one process for three first uses at the same time', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  const [tools, pid] = await Promise.all([
    supervisor.listTools('server'),
    supervisor.callTool('server', 'pid'),
    supervisor.connect('server'),
  ])

  expect(tools).not.toEqual([])
  expect(server.pids()).toEqual([Number(textOf(pid))])
})

test('serves a good server beside a command that does not exist', async () => {
  const good = stdioServer()
  const supervisor = supervise({ bad: { command: '/nowhere/to/be/found' }, good })

  const [bad, answer] = await Promise.allSettled([
    supervisor.callTool('bad', 'echo'),
    supervisor.callTool('good', 'echo', { text: 'fine' }),
  ])

  expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'SPAWN_FAILED', server: 'bad', delivered: 'no' } })
  expect(answer).toMatchObject({ status: 'fulfilled', value: { content: [{ text: 'fine' }] } })
})

test('serves a good server while another one stays silent', async () => {
  const [silent, good] = [stdioServer({ initialize: 'hang' }), stdioServer()]
  const supervisor = supervise({ silent, good })

  const waiting = errorOf(supervisor.callTool('silent', 'echo', {}, { timeoutMs: 3_000 }))
  expect(textOf(await supervisor.callTool('good', 'echo', { text: 'at once' }))).toBe('at once')

  expect(supervisor.status('silent')).toMatchObject({ state: 'connecting', queued: 1 })
  expect(await waiting).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'no' })
})

test('tells the exit code and the stderr of a server that exits at its start', async () => {
  const server = stdioServer({ start: { mode: 'exit', code: 3 } }, { retries: 1 })
  const supervisor = supervise({ server })

  const error = await errorOf(supervisor.connect('server'))

  expect(error).toMatchObject({ code: 'CONNECTION_LOST', phase: 'handshake', exitCode: 3, attempt: 2, delivered: 'no' })
  expect(error.stderrTail).toContain('fixture server exits with 3')
  expect(server.pids()).toHaveLength(2)
})

test('waits with a call through the restarts of a server that fails at first', async () => {
  const server = stdioServer({ start: { mode: 'exit', code: 3, first: 2 } })
  const supervisor = supervise({ server })

  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'at last' }))).toBe('at last')

  expect(server.pids()).toHaveLength(3)
  expect(server.executed('echo')).toBe(1)
})

test('answers twenty parallel calls on one new process after the old one was killed', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  const old = Number(textOf(await supervisor.callTool('server', 'pid')))

  process.kill(old, 'SIGKILL')
  await until(() => supervisor.status('server').state !== 'ready')
  const answers = await Promise.all(Array.from({ length: 20 }, () => supervisor.callTool('server', 'pid')))

  const [fresh] = server.pids().slice(1)
  expect(answers.map(textOf)).toEqual(Array.from({ length: 20 }, () => String(fresh)))
  expect(server.pids()).toHaveLength(2)
  expect(supervisor.status('server').restarts).toBe(1)
})

test('either answers a call that meets the death of the process or says that it may have been delivered', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  const old = Number(textOf(await supervisor.callTool('server', 'pid')))

  process.kill(old, 'SIGKILL')
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => supervisor.callTool('server', 'counter')))

  const lost = outcomes.filter(({ status }) => status === 'rejected')
  expect(lost).toEqual(
    lost.map(() =>
      expect.objectContaining({ reason: expect.objectContaining({ code: 'CONNECTION_LOST', delivered: 'maybe' }) }),
    ),
  )
  expect(server.executed('counter')).toBe(20 - lost.length)
})

test('executes a tool once that ends its server', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const error = await errorOf(supervisor.callTool('server', 'exit', { code: 7 }, { retry: 'idempotent' }))

  expect(error).toMatchObject({ code: 'CONNECTION_LOST', exitCode: 7, delivered: 'maybe', retryable: true })
  await supervisor.connect('server')
  expect(server.executed('exit')).toBe(1)
})

test.each([
  ['repeats', 'idempotent' as const, 2],
  ['does not repeat', 'unsent' as const, 1],
])('%s an idempotent call that was lost when the caller says "%s"', async (_, retry, executions) => {
  const server = stdioServer({ 'tools/call:add': { mode: 'exit-after', first: 1 } })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const [outcome] = await Promise.allSettled([supervisor.callTool('server', 'add', { a: 1, b: 2 }, { retry })])

  expect(outcome.status).toBe(executions === 2 ? 'fulfilled' : 'rejected')
  await supervisor.connect('server')
  expect(server.executed('add')).toBe(executions)
})

test('opens the circuit of a server that keeps dying, and closes it when it is connected', async () => {
  const server = stdioServer({}, { maxRestarts: 1, restartPeriodMs: 60_000 })
  const supervisor = supervise({ server })

  await errorOf(supervisor.callTool('server', 'crash'))
  await errorOf(supervisor.callTool('server', 'crash'))
  await until(() => supervisor.status('server').state === 'failed')
  const error = await errorOf(supervisor.callTool('server', 'echo'))

  expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE', delivered: 'no', retryable: true, signal: 'SIGKILL' })
  expect(error.nextRetryAt).toBeGreaterThan(Date.now())
  expect(server.pids()).toHaveLength(2)

  await supervisor.connect('server')
  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'back' }))).toBe('back')
})

test('probes an open circuit by itself, once after each cool-down, ever later, until the server is back', async () => {
  const server = stdioServer({ start: { mode: 'exit', first: 2 } }, { retries: 0, cooldownMs: 200 })
  const supervisor = supervise({ server })
  const { states } = watch(supervisor)
  await errorOf(supervisor.connect('server'))

  await until(() => supervisor.status('server').state === 'ready')

  expect(states('server').slice(-5)).toEqual(['failed', 'connecting', 'failed', 'connecting', 'ready'])
  const [first = 0, second = 0, third = 0] = server.journal
    .lines()
    .flatMap(({ event, at }) => (event === 'start' ? at : []))
  expect(second - first).toBeGreaterThanOrEqual(200)
  expect(third - second).toBeGreaterThanOrEqual(400)
  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'back' }))).toBe('back')
})

test('starts an idle server again on its next use', async () => {
  const server = stdioServer({}, { idleTimeoutMs: 50 })
  const supervisor = supervise({ server })

  await supervisor.callTool('server', 'echo', { text: 'one' })
  await until(() => supervisor.status('server').state === 'idle')
  await supervisor.callTool('server', 'echo', { text: 'two' })

  expect(server.pids()).toHaveLength(2)
  expect(supervisor.status('server').restarts).toBe(0)
})

test('leaves the other servers alone when one fails', async () => {
  const good = { one: stdioServer(), two: stdioServer(), three: stdioServer() }
  const supervisor = supervise({ bad: stdioServer({ 'tools/call:echo': 'exit' }), ...good })
  await Promise.all(supervisor.servers().map((name) => supervisor.connect(name)))

  const outcomes = await Promise.allSettled(
    supervisor.servers().map((name) => supervisor.callTool(name, 'echo', { text: name })),
  )

  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(Object.values(good).map((server) => server.pids().length)).toEqual([1, 1, 1])
})
