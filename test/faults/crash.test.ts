import { expect, test } from 'vitest'
import { type SupervisorError } from '../../src/index.js'
import { isRunning, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { watch } from '../support/fault-watch.js'
import { errorOf } from '../support/rejection.js'

test('S16: a call that met a closed stdin surely was not sent, so it goes to the next process and is executed once', async () => {
  // It has read initialize, the notification after it, and tools/list.
  const server = stdioServer({ stdin: { mode: 'close', after: 3, first: 1 } })
  const supervisor = supervise({ server })
  const { of } = watch(supervisor)
  await supervisor.connect('server')

  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'x' }))).toBe('x')

  expect([server.executed('echo'), server.pids().length]).toEqual([1, 2])
  const [loss] = of('state.changed').flatMap(({ to, error }) => (to === 'retrying' && error ? [error] : []))
  expect(loss).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no' })
  expect(loss?.message).toContain('EPIPE')
  expect(isRunning(server.pids()[0] ?? 0)).toBe(false)
})

test.each([
  ['S17', 'closes its stdout', 'close-stdout', 0, 'closed its stdout'],
  ['S21', 'exits before it executes a call', 'exit', 0, 'exited with code 1'],
  ['S22', 'exits after it executed a call', 'exit-after', 1, 'exited with code 1'],
  ['S36', 'exits after half an answer', 'half', 1, 'exited with code 1'],
])(
  '%s: a server that %s loses the call, which may have been executed and is not sent again',
  async (_, _title, mode, executions, text) => {
    const server = stdioServer({ 'tools/call:echo': mode })
    const supervisor = supervise({ server })
    await supervisor.connect('server')

    const error = await errorOf(supervisor.callTool('server', 'echo', { text: 'x' }))
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe', retryable: true })
    expect(error.message).toContain(`Server "server" ${text}`)

    const pid = Number(textOf(await supervisor.callTool('server', 'pid')))
    expect(server.executed('echo')).toBe(executions)
    expect(server.pids()).toEqual([expect.any(Number), pid])
    expect(isRunning(server.pids()[0] ?? 0)).toBe(false)
  },
)

test('S23: a crash between calls is seen at once, and the next call has a fresh process', async () => {
  const server = stdioServer(
    { background: { mode: 'signal', ms: 100, signal: 'SIGKILL', first: 1 } },
    { minTimeoutMs: 1_000 },
  )
  const supervisor = supervise({ server })
  const { states } = watch(supervisor)
  await supervisor.connect('server')

  await until(() => states('server').includes('retrying'))
  const pid = Number(textOf(await supervisor.callTool('server', 'pid')))

  expect(server.pids().indexOf(pid)).toBe(1)
  expect(supervisor.status('server')).toMatchObject({ state: 'ready', restarts: 1, generation: 2 })
})

test('S24: a crash with a thousand calls in flight rejects each once and reconnects once', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' }, { maxConcurrency: 1_001 })
  const supervisor = supervise({ server })
  const { of } = watch(supervisor)
  await supervisor.connect('server')

  const calls = Array.from({ length: 1_000 }, () => errorOf(supervisor.callTool('server', 'echo')))
  calls.push(errorOf(supervisor.callTool('server', 'crash')))
  const codes = (await Promise.all(calls)).map(({ code, delivered }) => `${code} ${delivered}`)
  await supervisor.callTool('server', 'pid')

  expect(new Set(codes)).toEqual(new Set(['CONNECTION_LOST maybe']))
  expect(server.pids()).toHaveLength(2)
  await until(() => of('call.settled').length === 1_003)
  expect(new Set(of('call.settled').map(({ callId }) => callId)).size).toBe(1_003)
})

test('S59: a death is seen by the exit although a grandchild holds the pipes, and the grandchild ends too', async () => {
  const server = stdioServer({ 'tools/call:echo': 'exit-held' })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const error = await errorOf(supervisor.callTool('server', 'echo'))
  await supervisor.callTool('server', 'pid')

  expect(error).toMatchObject({ code: 'CONNECTION_LOST', exitCode: 3, delivered: 'maybe' })
  const grandchild = Number(/^\d+/m.exec(error.stderrTail ?? '')?.[0])
  expect(grandchild).toBeGreaterThan(0)
  expect(isRunning(grandchild)).toBe(false)
})

test.each([11, 12, 13])('S64: under chaos each call settles once and tells the truth (seed %d)', async (seed) => {
  const policy = { callTimeoutMs: 1_500, maxRestarts: 1_000, minTimeoutMs: 5, maxTimeoutMs: 20 }
  const server = stdioServer({ 'tools/call': { mode: 'chaos', seed } }, policy)
  const supervisor = supervise({ server })
  const { of } = watch(supervisor)
  const texts = Array.from({ length: 40 }, (_, n) => `text ${n}`)

  const outcomes = await Promise.all(
    texts.map((text) =>
      supervisor.callTool('server', 'echo', { text }).then(
        (result) => ({ text, answer: textOf(result), delivered: 'yes' }),
        ({ delivered }: SupervisorError) => ({ text, answer: undefined, delivered }),
      ),
    ),
  )
  await supervisor.close()

  const executed = server.journal.lines().flatMap(({ event, input }) => (event === 'executed' ? [input?.text] : []))
  expect(new Set(executed).size).toBe(executed.length)
  for (const { text, answer, delivered } of outcomes) {
    if (answer !== undefined) expect([answer, executed.includes(text)]).toEqual([text, true])
    if (delivered === 'no') expect(executed).not.toContain(text)
  }
  expect(of('call.settled')).toHaveLength(texts.length)
})
