import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { emptyJournal, isRunning, newClient, readyClient, rejectionOf, stdioEndpoint, until } from '../stdio-fixture.js'

describe('loss', () => {
  test.each([
    ['S21 exits during a call', { 'tools/call': { mode: 'exit', code: 7 } }, { exitCode: 7, delivered: 'maybe' }],
    [
      'S22 exits after executing',
      { 'tools/call': { mode: 'exit-after', code: 1 } },
      { exitCode: 1, delivered: 'maybe' },
    ],
    ['S07 is killed by a signal', { 'tools/call': { mode: 'signal' } }, { signal: 'SIGSEGV', delivered: 'maybe' }],
    ['S36 exits after half a line', { 'tools/call': 'half' }, { exitCode: 1, delivered: 'maybe' }],
  ])('%s: the call and the owner are told', async (_, faults, expected) => {
    const client = await readyClient(faults)
    expect(await rejectionOf(client.call('echo'))).toMatchObject({ code: 'CONNECTION_LOST', ...expected })
    const { delivered: _delivered, ...exit } = expected
    expect(await client.lost).toMatchObject({ code: 'CONNECTION_LOST', ...exit })
    expect(client.losses).toHaveLength(1)
  })

  test('delivers an answer that was in the pipe when the process exited', async () => {
    const client = await readyClient({ 'tools/call': 'answer-exit' })
    expect(await client.call('echo', { text: 'last words' })).toBe('last words')
    expect(await client.lost).toMatchObject({ exitCode: 0 })
  })

  test('S59 sees the exit although a child holds the pipes, and ends the child', async () => {
    const client = await readyClient({ 'tools/call': 'exit-held' })
    const { exitCode, stderrTail } = await rejectionOf(client.call('echo'))
    expect(exitCode).toBe(3)
    await client.transport.end()
    const child = Number(/^\d+/m.exec(stderrTail ?? '')?.[0])
    expect(child).toBeGreaterThan(0)
    expect(isRunning(child)).toBe(false)
  })

  test('S16 a closed stdin fails what could not be written, with certainty', async () => {
    const client = await readyClient({ stdin: { mode: 'close', after: 2 } })
    await until(() => !readsStdin(client.transport.pid ?? 0))
    const failure = await rejectionOf(client.call('echo'))
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no' })
    expect(failure.message).toContain('closed its stdin (EPIPE)')
  })

  test('S17 a closed stdout is a loss although the process lives', async () => {
    const client = await readyClient({ 'tools/call': 'close-stdout' })
    const failure = await rejectionOf(client.call('echo'))
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(failure.message).toContain('closed its stdout')
  })

  test('S33 S34 a line over the limit fails calls when the limit is passed, in bounded memory', async () => {
    const client = await readyClient({ 'tools/call': 'endless' })
    const before = process.memoryUsage().rss
    expect(await rejectionOf(client.call('echo'))).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'maybe' })
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6)
    await client.transport.end()
  })

  test('S24 rejects each of a thousand calls in flight, once', async () => {
    const client = await readyClient({ 'tools/call:echo': 'hang' })
    const calls = Array.from({ length: 1_000 }, () => rejectionOf(client.call('echo')))
    calls.push(rejectionOf(client.call('exit', { code: 1 })))
    const codes = (await Promise.all(calls)).map(({ code, delivered }) => `${code} ${delivered}`)
    expect(new Set(codes)).toEqual(new Set(['CONNECTION_LOST maybe']))
    expect(client.losses).toHaveLength(1)
  })

  test('refuses what is sent afterwards', async () => {
    const client = await readyClient({ background: { mode: 'exit', ms: 1 } })
    await client.lost
    expect(await rejectionOf(client.call('echo'))).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no' })
  })

  test('calls onclose once, after those who wait were told', async () => {
    const client = await readyClient({ 'tools/call': 'exit' })
    const order: string[] = []
    const told = new Promise<void>((resolve) => {
      client.transport.onclose = () => {
        order.push('close')
        resolve()
      }
    })
    await client.call('echo').catch(() => order.push('rejection'))
    await told
    await client.transport.end()
    expect(order).toEqual(['rejection', 'close'])
  })
})

describe('start and end', () => {
  test.each([
    ['S01 a command that does not exist', { command: 'no-such-program' }, 'ENOENT', '"command"'],
    ['S02 a directory', { command: '/tmp' }, 'EACCES', '"command"'],
    ['S02 a missing cwd', { cwd: '/no/such/folder' }, 'ENOENT', '"cwd" must be a directory, got "/no/such/folder"'],
    ['S03 a NUL character', { args: ['a\0b'] }, 'ERR_INVALID_ARG_VALUE', 'NUL'],
    [
      'S03 arguments that are too long',
      { args: Array.from({ length: 40 }, () => 'x'.repeat(100_000)) },
      'E2BIG',
      'limit',
    ],
  ])('%s is a permanent SPAWN_FAILED', async (_, change, code, text) => {
    const { transport } = newClient({ ...stdioEndpoint({}, undefined, { SECRET: 'hunter2' }), ...change })
    const failure = await rejectionOf(transport.start())
    expect(failure).toMatchObject({ code: 'SPAWN_FAILED', retryable: false, delivered: 'no', phase: 'spawn' })
    expect(failure.message).toContain(code)
    expect(failure.message).toContain(text)
    expect(JSON.stringify(failure)).not.toContain('hunter2')
    expect(await transport.end()).toEqual({ by: 'exited' })
  })

  test('ends a lawful server by the end of its stdin', async () => {
    const client = await readyClient()
    expect(await client.transport.end()).toEqual({ by: 'stdin', exitCode: 0 })
    expect(isRunning(client.transport.pid ?? 0)).toBe(false)
    expect(client.losses).toEqual([])
    expect(client.closes).toBe(1)
  })

  test('rejects what is pending when it is ended', async () => {
    const client = await readyClient({ 'tools/call:echo': 'hang' })
    const failure = rejectionOf(client.call('echo'))
    await client.call('pid')
    await client.transport.end()
    expect(await failure).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
  })

  test('ends a server whose spawn is not over yet', async () => {
    const client = newClient(stdioEndpoint({ end: 'ignore' }))
    const started = client.transport.start()
    client.transport.kill()
    await started
    await client.transport.end()
    expect(isRunning(client.transport.pid ?? 0)).toBe(false)
  })

  test('S54 masks what the process wrote to stderr', async () => {
    const seen: string[] = []
    const client = newClient(
      stdioEndpoint({ stderr: 'env', start: { mode: 'slow', ms: 50 }, initialize: 'exit' }, undefined, {
        TOKEN: 'hunter2',
      }),
      {
        mask: (text) => text.replaceAll('hunter2', '***'),
        observer: { stderr: (line) => seen.push(line) },
      },
    )
    await client.transport.start()
    const { stderrTail } = await rejectionOf(client.request('initialize'))
    expect(stderrTail).toContain('"TOKEN":"***"')
    expect(stderrTail + seen.join('')).not.toContain('hunter2')
  })

  test('S52 drains a flood of stderr and keeps its end', async () => {
    const client = await readyClient({ stderr: { mode: 'flood', bytes: 3e7 }, 'tools/call': 'exit' })
    const { stderrTail } = await rejectionOf(client.call('echo'))
    expect(stderrTail?.slice(-100)).toMatch(/fixture server exits with 1$/)
    expect(stderrTail?.length).toBeLessThanOrEqual(64 * 1024)
  })

  test('X01 X04 gives the process the safe part of the environment, and arguments as they are', async () => {
    process.env['CANARY'] = 'inherited'
    const journal = emptyJournal()
    const hostile = ['$(touch /tmp/x)', '; ls', '"\'`', '*', '-c', '', '%PATH%', 'a\nb']
    const endpoint = stdioEndpoint({}, journal, { MINE: '1' })
    const client = newClient({ ...endpoint, args: [...endpoint.args, ...hostile] })
    await client.transport.start()
    await client.call('pid')
    delete process.env['CANARY']
    const start = journal.lines()[0]
    expect(start?.argv).toEqual(hostile)
    const allowed = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'FAULT', 'JOURNAL', 'MINE', 'MCPVISOR_OWNER']
    expect(start?.env?.filter((name) => !allowed.includes(name))).toEqual([])
  })
})

/** Whether the other end of the server's stdin is open, which the host cannot see until it writes. */
function readsStdin(pid: number): boolean {
  return execFileSync('ls', [`/proc/${pid}/fd`], { encoding: 'utf8' })
    .split('\n')
    .includes('0')
}
