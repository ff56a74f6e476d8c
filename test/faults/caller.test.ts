import { getEventListeners } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { isRunning, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { watch } from '../support/fault-watch.js'
import { errorOf } from '../support/rejection.js'

/** The warnings of this process until the test ends. */
function warnings(): readonly string[] {
  const seen: string[] = []
  const remember = ({ name, message }: Error) => void seen.push(`${name}: ${message}`)
  process.on('warning', remember)
  onTestFinished(() => void process.off('warning', remember))
  return seen
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('C01: a call that was aborted before it began spawns nothing and sends nothing', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  const reason = new Error('changed my mind')

  const error = await errorOf(supervisor.callTool('server', 'echo', {}, { signal: AbortSignal.abort(reason) }))

  expect(error).toMatchObject({ code: 'CALL_ABORTED', delivered: 'no', cause: reason })
  expect([supervisor.status('server').state, supervisor.status('server').generation]).not.toContain('connecting')
  expect(server.pids()).toEqual([])
})

test('C02: aborting the only call that waits for a connection gives the attempt up', async () => {
  const server = stdioServer({ initialize: 'hang' })
  const supervisor = supervise({ server })
  const { signal, abort } = aborter()
  const call = errorOf(supervisor.callTool('server', 'echo', {}, { signal }))
  await until(() => server.received('initialize') === 1)

  abort()

  expect(await call).toMatchObject({ code: 'CALL_ABORTED', delivered: 'no' })
  await until(() => supervisor.status('server').state === 'idle')
  expect(server.pids().some(isRunning)).toBe(false)
})

test('C02: aborting one of two calls that wait leaves the attempt to the other', async () => {
  const server = stdioServer({ initialize: { mode: 'late', ms: 500 } })
  const supervisor = supervise({ server })
  const { signal, abort } = aborter()
  const given = errorOf(supervisor.callTool('server', 'echo', { text: 'given up' }, { signal }))
  const kept = supervisor.callTool('server', 'echo', { text: 'kept' })
  await until(() => server.received('initialize') === 1)

  abort()

  expect(await given).toMatchObject({ code: 'CALL_ABORTED', delivered: 'no' })
  expect(textOf(await kept)).toBe('kept')
  expect([server.executed('echo'), server.pids().length]).toEqual([1, 1])
})

test('C03: aborting a call in flight rejects it at once, cancels it once and drops its answer', async () => {
  const server = stdioServer({ 'tools/call:echo': { mode: 'late', ms: 400 } }, { maxConcurrency: 1 })
  const supervisor = supervise({ server })
  const { violations } = watch(supervisor)
  await supervisor.connect('server')
  const { signal, abort } = aborter()
  const call = errorOf(supervisor.callTool('server', 'echo', {}, { signal }))
  await until(() => server.received('tools/call') === 1)

  abort()
  expect(await call).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
  // Its place is free before its answer comes.
  await supervisor.callTool('server', 'pid')
  await until(() => violations('server').includes('stray-answer'))
  expect(server.received('notifications/cancelled')).toBe(1)
})

test('C04: ten thousand calls under one signal leave no listener and no warning, and an abort afterwards does nothing', async () => {
  const seen = warnings()
  const server = stdioServer({}, { maxQueue: 10_000 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const { signal, abort } = aborter()

  const calls = Array.from({ length: 10_000 }, (_, n) =>
    supervisor.callTool('server', 'echo', { text: String(n) }, { signal }),
  )
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  await Promise.all(calls)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)

  abort()
  await turn()
  expect(server.received('notifications/cancelled')).toBe(0)
  expect(seen).toEqual([])
}, 60_000)

test('C06: calls past the queue are refused at once, surely undelivered', async () => {
  const server = stdioServer({ 'tools/call:echo': { mode: 'late', ms: 300 } }, { maxConcurrency: 2, maxQueue: 3 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () => supervisor.callTool('server', 'echo', { text: 'x' })),
  )

  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  expect(refused).toHaveLength(3)
  for (const error of refused) expect(error).toMatchObject({ code: 'QUEUE_FULL', delivered: 'no' })
  expect(server.executed('echo')).toBe(5)
})

test('C07: a call to an unknown server is refused undelivered; to an unknown tool the server answers', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  expect(await errorOf(supervisor.callTool('nobody', 'echo'))).toMatchObject({
    code: 'SERVER_UNKNOWN',
    delivered: 'no',
  })
  expect(server.pids()).toEqual([])
  expect(await errorOf(supervisor.callTool('server', 'no-such-tool'))).toMatchObject({
    code: 'MCP_ERROR',
    delivered: 'yes',
  })
  expect(server.received('tools/call')).toBe(1)
})

test.each([Number.NaN, -1, '5'])('C20: %s is no timeout', async (timeoutMs) => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  const error = await errorOf(supervisor.callTool('server', 'echo', {}, { timeoutMs: timeoutMs as number }))
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', delivered: 'no' })
  expect(server.pids()).toEqual([])
})

test.each([Infinity, 2 ** 31, 2 ** 40, 1e300])('C20: a timeout of %s is a long one', async (timeoutMs) => {
  const seen = warnings()
  const server = stdioServer({}, { maxCallTimeoutMs: 2 ** 31 - 1 })
  const supervisor = supervise({ server })
  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'x' }, { timeoutMs }))).toBe('x')
  await turn()
  expect(seen).toEqual([])
})

test.each(['connectTimeoutMs', 'callTimeoutMs', 'retries', 'maxConcurrency'])(
  'C20: a negative %s is an invalid entry',
  async (key) => {
    const supervisor = supervise({ server: { command: 'node', supervisor: { [key]: -1 } } })
    const error = await errorOf(supervisor.connect('server'))
    expect(error.message).toContain(key)
    expect(supervisor.status('server')).toMatchObject({ state: 'failed', initialized: false })
  },
)

test.each([
  ['a lone surrogate', { text: 'a\uD800b' }],
  ['a NUL and controls', { text: '\u0000\u001b[0m\u2028' }],
  ['hostile keys', JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"text":"x"}') as Record<string, unknown>],
  ['line breaks', { text: 'a\nb\r\n{"jsonrpc":"2.0"}' }],
])('C21: arguments with %s arrive as they are', async (_, input) => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.callTool('server', 'echo', input)
  const [executed] = server.journal.lines().filter(({ event }) => event === 'executed')
  expect(JSON.stringify(executed?.input)).toBe(JSON.stringify(input))
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

const cyclic: Record<string, unknown> = {}
cyclic['self'] = cyclic
const deep = JSON.parse('{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)) as Record<string, unknown>

test.each([
  ['contain themselves', cyclic],
  ['hold a bigint', { n: 1n }],
  ['are deeper than the stack', deep],
  [
    'throw when they are read',
    {
      toJSON: () => {
        throw new Error('no')
      },
    },
  ],
])('C21: arguments that %s are refused undelivered, and the connection stays', async (_, input) => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  expect(await errorOf(supervisor.callTool('server', 'echo', input))).toMatchObject({
    code: 'CONFIG_INVALID',
    delivered: 'no',
  })

  await supervisor.callTool('server', 'pid')
  expect(server.executed('echo')).toBe(0)
  expect(server.pids()).toHaveLength(1)
})

function aborter() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
