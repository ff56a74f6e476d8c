import { pino } from 'pino'
import { afterEach, expect, test, vi } from 'vitest'
import { type SupervisorEvent } from '../../src/index.js'
import { configOf, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { shellServer } from '../support/fault-shell-server.js'
import { errorOf } from '../support/rejection.js'

afterEach(() => vi.useRealTimers())

/** A logger that keeps its records, and the records. */
function recorder() {
  const records: Record<string, unknown>[] = []
  const logger = pino(
    { level: 'trace' },
    { write: (line: string) => void records.push(JSON.parse(line) as Record<string, unknown>) },
  )
  return { records, logger }
}

test('C16: any name that is not refused is a plain key, and no name reaches another server', async () => {
  const names = [
    'with space',
    '../x',
    'CON',
    'tоols',
    'tools',
    'a#1',
    'server:a',
    'toString',
    'hasOwnProperty',
    'x'.repeat(10_000),
  ]
  const supervisor = supervise(Object.fromEntries(names.map((name) => [name, shellServer()])))
  expect(supervisor.servers()).toEqual(names)
  const answers = await Promise.all(names.map((name, n) => supervisor.callTool(name, 'echo', { text: `for ${n}` })))
  expect(answers.map(textOf)).toEqual(names.map((_, n) => `for ${n}`))
  expect(new Set(supervisor.statuses().map(({ pid }) => pid)).size).toBe(names.length)
  for (const other of ['tools ', 'TOOLS', 'constructor', '']) {
    expect((await errorOf(supervisor.callTool(other, 'echo'))).code).toBe('SERVER_UNKNOWN')
    expect(supervisor.status(other)).toMatchObject({ state: 'closed', initialized: false })
  }
})

test.each(['__proto__', 'constructor', 'prototype', ''])(
  'C16: the name %j is refused, and the others work',
  async (name) => {
    const config = JSON.parse(
      JSON.stringify({ mcpServers: { ok: shellServer(), NAME: shellServer() } }).replace(
        '"NAME"',
        JSON.stringify(name),
      ),
    ) as {
      mcpServers: Record<string, unknown>
    }
    const supervisor = supervise({})
    expect(await supervisor.reload(config)).toMatchObject({ ok: false, error: { code: 'CONFIG_INVALID' } })
    const fresh = supervise(config.mcpServers)
    expect(textOf(await fresh.callTool('ok', 'echo', { text: 'x' }))).toBe('x')
    expect(Object.prototype).not.toHaveProperty('command')
  },
)

test('C17: listeners that throw, reject and call back in are told to the logger and harm nobody', async () => {
  const { records, logger } = recorder()
  const supervisor = supervise({ server: shellServer() }, { logger })
  const heard: SupervisorEvent[] = []
  supervisor.on('state.changed', () => {
    throw new Error('it throws')
  })
  const rejects = (): unknown => Promise.reject(new Error('it rejects'))
  supervisor.on('state.changed', rejects)
  supervisor.on('state.changed', ({ to }) => {
    if (to === 'ready') void supervisor.callTool('server', 'echo', { text: 'from within' })
  })
  supervisor.on('*', (event) => void heard.push(event))

  await supervisor.callTool('server', 'echo', { text: 'x' })
  await until(() => heard.filter(({ type }) => type === 'call.settled').length === 2)

  const states = heard.filter(({ type }) => type === 'state.changed').length
  const failures = records.filter(({ msg }) => msg === 'a listener of the host failed')
  expect(states).toBeGreaterThan(1)
  expect(failures.map(({ err }) => (err as Error).message).toSorted()).toEqual([
    ...Array.from({ length: states }, () => 'it rejects'),
    ...Array.from({ length: states }, () => 'it throws'),
  ])
})

test('C18: an inspector that throws is told once, and a logger that throws harms nobody', async () => {
  const { records, logger } = recorder()
  const inspected = supervise(
    { server: shellServer() },
    {
      logger,
      inspect: () => {
        throw new Error('inspector')
      },
    },
  )
  await inspected.callTool('server', 'echo', { text: 'x' })
  expect(records.filter(({ msg }) => msg === 'a listener of the host failed')).toHaveLength(1)

  const broken = pino(
    { level: 'trace' },
    {
      write: () => {
        throw new Error('logger')
      },
    },
  )
  const logged = supervise({ server: shellServer() }, { logger: broken })
  expect(textOf(await logged.callTool('server', 'echo', { text: 'x' }))).toBe('x')
})

test('C19: deadlines and delays follow the monotonic clock, however the wall clock jumps', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const flaky = stdioServer({ start: { mode: 'exit', first: 1 } }, { minTimeoutMs: 300, randomize: false })
  const hanging = stdioServer({ 'tools/call:echo': 'hang' })
  const supervisor = supervise({ flaky, hanging })
  await supervisor.connect('hanging')
  const startedAt = performance.now()
  const slow = supervisor.callTool('hanging', 'sleep', { ms: 400 }, { timeoutMs: 5_000 })
  const late = errorOf(supervisor.callTool('hanging', 'echo', {}, { timeoutMs: 500 }))
  const retried = supervisor.connect('flaky')

  vi.setSystemTime(Date.now() + 3_600_000)
  await new Promise((resolve) => setTimeout(resolve, 50))
  vi.setSystemTime(0)

  expect(textOf(await slow)).toBe('slept 400')
  expect((await late).code).toBe('CALL_TIMEOUT')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(490)
  await retried
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

test('P11: answers that lie in the pipe when the host has blocked its event loop win over deadlines that passed', async () => {
  const server = stdioServer()
  const supervisor = supervise(configOf({ server }).mcpServers)
  await supervisor.connect('server')
  const call = supervisor.callTool('server', 'sleep', { ms: 300 }, { timeoutMs: 1_000 })
  await until(() => server.received('tools/call') === 1)

  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000)

  expect(textOf(await call)).toBe('slept 300')
  expect(supervisor.status('server')).toMatchObject({ state: 'ready', restarts: 0 })
})
