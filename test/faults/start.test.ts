import { expect, test } from 'vitest'
import { configOf, isRunning, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { canaries, found, seen } from '../support/fault-canaries.js'
import { watch } from '../support/fault-watch.js'
import { errorOf } from '../support/rejection.js'

const once = { retries: 0 }

test('S01: a command that does not exist fails for good, and the server works once the entry is right', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server: { command: 'no-such-program' } })
  const { states } = watch(supervisor)

  const error = await errorOf(supervisor.connect('server'))
  expect(error).toMatchObject({ code: 'SPAWN_FAILED', phase: 'spawn', delivered: 'no', retryable: false })
  expect(error.message).toContain('ENOENT')
  expect(supervisor.status('server')).toMatchObject({ state: 'failed', generation: 1 })
  expect(supervisor.status('server').nextRetryAt).toBeUndefined()
  expect(states('server')).not.toContain('retrying')
  expect(await errorOf(supervisor.callTool('server', 'pid'))).toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    cause: { code: 'SPAWN_FAILED' },
  })

  await supervisor.reload(configOf({ server }))
  await supervisor.callTool('server', 'pid')
})

test.each([
  ['a directory', { command: '/tmp' }, 'EACCES'],
  ['a file without the right', { command: '/etc/passwd' }, 'EACCES'],
  ['a cwd that is missing', { command: process.execPath, cwd: '/no/such/folder' }, '"cwd"'],
])('S02: %s fails for good and the message says what is to blame', async (_, entry, named) => {
  const supervisor = supervise({ server: entry })
  const error = await errorOf(supervisor.connect('server'))
  expect(error).toMatchObject({ code: 'SPAWN_FAILED', delivered: 'no', retryable: false })
  expect(error.message).toContain(named)
  expect(supervisor.status('server').state).toBe('failed')
})

test('S03: what the system refuses to spawn costs no other server anything', async () => {
  const healthy = stdioServer()
  const supervisor = supervise({
    healthy,
    nul: { command: process.execPath, args: ['a\0b'] },
    long: { command: process.execPath, args: Array.from({ length: 40 }, () => 'x'.repeat(100_000)) },
  })
  await supervisor.connect('healthy')
  const pid = textOf(await supervisor.callTool('healthy', 'pid'))

  const nul = await errorOf(supervisor.connect('nul'))
  const long = await errorOf(supervisor.connect('long'))

  expect([nul.code, nul.cause]).toEqual(['SERVER_UNAVAILABLE', expect.objectContaining({ code: 'CONFIG_INVALID' })])
  expect(long).toMatchObject({ code: 'SPAWN_FAILED', delivered: 'no' })
  expect(long.message).toContain('E2BIG')
  expect(textOf(await supervisor.callTool('healthy', 'pid'))).toBe(pid)
})

test('S04: a process that exits at once is retried, then fails with its exit code and what it wrote', async () => {
  const server = stdioServer({ start: { mode: 'exit', code: 1 } }, { retries: 2 })
  const entry = { ...server.entry, env: { ...server.entry.env, TOKEN: 'fixture server' } }
  const supervisor = supervise({ server: entry })
  const { states } = watch(supervisor)

  const error = await errorOf(supervisor.callTool('server', 'pid'))

  expect(error).toMatchObject({ code: 'CONNECTION_LOST', exitCode: 1, delivered: 'no', attempt: 3 })
  expect(error.stderrTail).toBe('*** exits with 1')
  expect(server.pids()).toHaveLength(3)
  expect(states('server')).toEqual([
    ...['uninitialized', 'connecting', 'retrying', 'connecting', 'retrying', 'connecting', 'failed'],
  ])
})

test('S05: a crash loop ends with an open circuit that says when it is tried again', async () => {
  const policy = { maxRestarts: 3, restartPeriodMs: 60_000, minTimeoutMs: 10 }
  const server = stdioServer({ background: { mode: 'exit', ms: 10 } }, policy)
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  await until(() => supervisor.status('server').state === 'failed')

  expect(server.pids().length).toBe(4)
  expect(supervisor.status('server').nextRetryAt).toBeGreaterThan(Date.now())
  const error = await errorOf(supervisor.callTool('server', 'pid'))
  expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE', delivered: 'no', retryable: true })
  expect(error.nextRetryAt).toBe(supervisor.status('server').nextRetryAt)
})

test('S06: a call to a server that fails twice succeeds with the third process, after both delays', async () => {
  const policy = { minTimeoutMs: 100, factor: 2, randomize: false }
  const server = stdioServer({ start: { mode: 'exit', first: 2 } }, policy)
  const supervisor = supervise({ server })
  const { of } = watch(supervisor)
  const startedAt = performance.now()

  await supervisor.callTool('server', 'echo', { text: 'x' })

  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(300)
  expect(
    of('state.changed')
      .filter(({ to }) => to === 'connecting')
      .map(({ attempt }) => attempt),
  ).toEqual([1, 2, 3])
  expect([server.pids().length, server.executed('echo')]).toEqual([3, 1])
})

test('S07: a process that a signal ends is lost with the name of the signal', async () => {
  const server = stdioServer({ 'tools/call:echo': { mode: 'signal', signal: 'SIGSEGV' } })
  const supervisor = supervise({ server })
  const { states } = watch(supervisor)

  const error = await errorOf(supervisor.callTool('server', 'echo'))
  await supervisor.callTool('server', 'pid')

  expect(error).toMatchObject({ code: 'CONNECTION_LOST', signal: 'SIGSEGV', delivered: 'maybe' })
  expect(states('server').slice(-3)).toEqual(['retrying', 'connecting', 'ready'])
})

test('S08: the trace of a process that throws is shown without the secret in it', async () => {
  const { env: secret } = canaries
  const server = stdioServer({ 'tools/call:echo': { mode: 'throw', message: `no such key: ${secret}` } })
  const supervisor = supervise({ server: { ...server.entry, env: { ...server.entry.env, KEY: secret } } })
  const { events } = watch(supervisor)

  const error = await errorOf(supervisor.callTool('server', 'echo'))
  await supervisor.callTool('server', 'pid')

  expect(error).toMatchObject({ code: 'CONNECTION_LOST', exitCode: 1 })
  expect(error.stderrTail).toContain('no such key: ***')
  for (const place of [error, events, supervisor.statuses(), supervisor.explain('server')])
    expect(found(seen(place))).toEqual([])
})

test('S09: calls wait for a server that starts slowly, and each is executed once', async () => {
  const server = stdioServer({ start: { mode: 'slow', ms: 600 } }, { connectTimeoutMs: 10_000 })
  const supervisor = supervise({ server })

  const answers = await Promise.all(['a', 'b'].map((text) => supervisor.callTool('server', 'echo', { text })))

  expect(answers.map(textOf)).toEqual(['a', 'b'])
  expect([server.executed('echo'), server.pids().length]).toEqual([2, 1])
})

test.each([
  ['S09', 'starts too slowly', { start: { mode: 'slow', ms: 60_000 } }],
  ['S10', 'hangs on initialize', { initialize: 'hang' }],
  ['S14', 'never reads its stdin', { stdin: 'never' }],
])('%s: an attempt with a server that %s ends at its deadline, and its process with it', async (_, _title, faults) => {
  const server = stdioServer(faults, { connectTimeoutMs: 700, ...once })
  const supervisor = supervise({ server })

  const error = await errorOf(supervisor.callTool('server', 'echo'))

  expect(error).toMatchObject({ code: 'CONNECT_TIMEOUT', delivered: 'no', attempt: 1 })
  expect(supervisor.status('server').state).toBe('failed')
  await until(() => server.pids().length === 1 && !server.pids().some(isRunning))
  expect(server.received('notifications/cancelled')).toBe(0)
})

test('S10: an attempt that ends at its deadline tells what the process had written to stderr', async () => {
  const server = stdioServer(
    { initialize: 'hang', stderr: { mode: 'text', text: 'waiting for the licence server' } },
    { connectTimeoutMs: 700, ...once },
  )
  const { stderrTail } = await errorOf(supervise({ server }).connect('server'))
  expect(stderrTail).toContain('waiting for the licence server')
})

test('S10: the next attempt starts when the process of the one before is gone', async () => {
  const server = stdioServer(
    { initialize: { mode: 'hang', first: 1 }, end: 'ignore', term: 'ignore' },
    { connectTimeoutMs: 1_500 },
  )
  const supervisor = supervise({ server })
  const { states } = watch(supervisor)

  const pid = textOf(await supervisor.callTool('server', 'pid'))

  expect(states('server').slice(1)).toEqual(['connecting', 'timedOut', 'retrying', 'connecting', 'ready'])
  const [first = 0, second] = server.pids()
  expect([isRunning(first), second]).toEqual([false, Number(pid)])
})
