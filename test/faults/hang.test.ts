import { expect, test } from 'vitest'
import { isRunning, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { watch } from '../support/fault-watch.js'
import { errorOf } from '../support/rejection.js'

test('S11: a server that hangs on tools/list is ready for calls by name, and other servers are listed', async () => {
  const server = stdioServer({ 'tools/list': 'hang' }, { listTimeoutMs: 300 })
  const supervisor = supervise({ server, other: stdioServer() })

  await supervisor.connect('server')
  expect(supervisor.status('server')).toMatchObject({
    state: 'ready',
    error: 'Server "server" did not list its tools within 300 ms',
  })
  expect(await errorOf(supervisor.listTools('server'))).toMatchObject({ code: 'CALL_TIMEOUT', phase: 'list' })

  expect((await supervisor.listTools('other')).length).toBeGreaterThan(5)
  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'by name' }))).toBe('by name')
  expect(server.pids()).toHaveLength(1)
})

test('S12: a call that hangs expires and is cancelled once; the connection stays', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const error = await errorOf(supervisor.callTool('server', 'echo', {}, { timeoutMs: 300 }))
  await supervisor.callTool('server', 'add', { a: 1, b: 2 })

  expect(error).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'maybe' })
  await until(() => server.received('notifications/cancelled') > 0)
  expect([server.received('notifications/cancelled'), server.pids().length]).toEqual([1, 1])
  expect(supervisor.status('server')).toMatchObject({ state: 'ready', inFlight: 0 })
})

test('S13: a server that answers no ping is replaced, and one that answers is left alone', async () => {
  const deaf = stdioServer({ ping: { mode: 'hang', first: 1 } }, { pingIntervalMs: 50 })
  const well = stdioServer({}, { pingIntervalMs: 50 })
  const supervisor = supervise({ deaf, well })
  await Promise.all([supervisor.connect('deaf'), supervisor.connect('well')])

  await until(() => deaf.pids().length === 2 && well.received('ping') > 5)
  await supervisor.callTool('deaf', 'add', { a: 1, b: 2 })
  expect(supervisor.status('deaf')).toMatchObject({ state: 'ready', restarts: 1 })
  expect(well.pids()).toHaveLength(1)
})

test('S13: a call in flight has its own deadline, however many pings would have gone unanswered meanwhile', async () => {
  const server = stdioServer({ ping: 'hang', 'tools/call:echo': 'hang' }, { pingIntervalMs: 50 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const startedAt = performance.now()

  const silent = errorOf(supervisor.callTool('server', 'echo', {}, { timeoutMs: 500 }))
  expect(textOf(await supervisor.callTool('server', 'sleep', { ms: 400 }))).toBe('slept 400')

  expect(await silent).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'maybe' })
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(490)
  expect(server.pids()).toHaveLength(1)
})

test('S15: calls to a server that stopped reading expire, what waits for it is bounded, and close ends it', async () => {
  // It has read initialize, the notification after it, and tools/list.
  const server = stdioServer({ stdin: { mode: 'stop', after: 3 } }, { callTimeoutMs: 500 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const text = 'x'.repeat(8e6)

  const errors = await Promise.all(
    Array.from({ length: 10 }, () => errorOf(supervisor.callTool('server', 'echo', { text }))),
  )

  const codes = errors.map(({ code, delivered }) => `${code} ${delivered}`)
  expect(codes.filter((code) => code === 'CALL_TIMEOUT maybe')).toHaveLength(5)
  expect(codes.filter((code) => code === 'QUEUE_FULL no')).toHaveLength(5)
  expect(await supervisor.close()).toMatchObject({ closed: 1 })
  expect(server.pids().some(isRunning)).toBe(false)
})

test('S18: a stopped process costs its call the deadline, and close ends it all the same', async () => {
  const server = stdioServer({ 'tools/call:echo': 'stop' }, { callTimeoutMs: 300, drainTimeoutMs: 100 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  expect(await errorOf(supervisor.callTool('server', 'echo'))).toMatchObject({
    code: 'CALL_TIMEOUT',
    delivered: 'maybe',
  })
  expect(await supervisor.close()).toMatchObject({ closed: 1, errors: {} })
  expect(server.pids().some(isRunning)).toBe(false)
})

test.each([
  ['S19', 'burns a core for ever', { background: 'burn' }, { callTimeoutMs: 2_000, listTimeoutMs: 300 }],
  ['S19', 'burns a core during a call', { 'tools/call:echo': { mode: 'burn', ms: 1_500 } }, {}],
  ['S20', 'blocks during a call', { 'tools/call:echo': { mode: 'block', ms: 1_500 } }, {}],
])('%s: a server that %s does not keep its neighbour from answering', async (_, _title, faults, policy) => {
  const bad = stdioServer(faults, { drainTimeoutMs: 100, ...policy })
  const supervisor = supervise({ bad, healthy: stdioServer() })
  await Promise.all([supervisor.connect('bad'), supervisor.connect('healthy')])
  let isOver = false
  const busy = supervisor
    .callTool('bad', 'echo', { text: 'at last' })
    .then(textOf, ({ code }: { code: string }) => code)
    .finally(() => (isOver = true))

  for (let n = 0; n < 20; n += 1) await supervisor.callTool('healthy', 'pid')

  expect(isOver).toBe(false)
  expect(['at last', 'CALL_TIMEOUT']).toContain(await busy)
})

test('S25: an answer after the deadline is dropped and told, and no other call gets it', async () => {
  const server = stdioServer({ 'tools/call:echo': { mode: 'late', ms: 600 } })
  const supervisor = supervise({ server })
  const { violations } = watch(supervisor)
  await supervisor.connect('server')

  const error = await errorOf(supervisor.callTool('server', 'echo', { text: 'late' }, { timeoutMs: 200 }))
  const slow = supervisor.callTool('server', 'sleep', { ms: 1_000 })
  await until(() => violations('server').includes('stray-answer'))

  expect(error).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'maybe' })
  expect(textOf(await slow)).toBe('slept 1000')
  expect(server.executed('echo')).toBe(1)
})

test('S30: progress for ever ends at the hard cap', async () => {
  const server = stdioServer(
    { 'tools/call:echo': { mode: 'progress-forever', ms: 20 } },
    { callTimeoutMs: 400, maxCallTimeoutMs: 1_000 },
  )
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  let steps = 0
  const startedAt = performance.now()

  const error = await errorOf(supervisor.callTool('server', 'echo', {}, { onProgress: () => (steps += 1) }))

  expect(error).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'maybe' })
  expect(error.message).toContain('no answer within 1000 ms')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990)
  expect(steps).toBeGreaterThan(5)
  await supervisor.callTool('server', 'pid')
})
