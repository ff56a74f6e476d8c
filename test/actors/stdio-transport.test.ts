import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { isRunning, emptyJournal, newClient, readyClient, rejectionOf, stdioEndpoint, until } from './stdio-fixture.js'

describe('requests and answers', () => {
  test('settles a request after its answer was handed over', async () => {
    const client = await readyClient()
    expect(await client.call('add', { a: 1, b: 2 })).toBe('3')
  })

  test('answers a thousand concurrent calls, each with its own answer', async () => {
    const client = await readyClient()
    const texts = Array.from({ length: 1_000 }, (_, n) => `text ${n}`)
    expect(await Promise.all(texts.map((text) => client.call('echo', { text })))).toEqual(texts)
  })

  test.each([
    ['S31 noise', { stdout: 'noise' }],
    ['S32 a byte order mark', { stdout: 'bom' }],
    ['S32 CR LF', { stdout: 'crlf' }],
    ['S32 blank lines', { stdout: 'blank' }],
    ['S37 single bytes', { stdout: 'bytes' }],
    ['S26 a second answer', { 'tools/call': 'duplicate' }],
    ['S27 an unknown id', { 'tools/call': 'unknown-id' }],
    ['S28 the id as a string', { 'tools/call': { mode: 'id', as: 'string' } }],
    ['S29 odd notifications', { 'tools/call': 'odd-notifications' }],
  ])('is not misled by %s', async (_, faults) => {
    const client = await readyClient(faults)
    expect(await client.call('echo', { text: 'grüße €' })).toBe('grüße €')
    expect(client.losses).toEqual([])
  })

  test('reports noise, once a second at most', async () => {
    const violations: string[] = []
    const client = await readyClient(
      { stdout: { mode: 'noise-flood', lines: 5_000 } },
      { observer: { violation: (kind, detail) => violations.push(`${kind} ${detail.slice(0, 5)}`) } },
    )
    await client.call('pid')
    expect(violations[0]).toBe('noise xxxxx')
    expect(violations.length).toBeLessThan(10)
  })

  test.each([
    ['a string as result', '{"jsonrpc":"2.0","id":$ID,"result":"x"}'],
    ['result and error', '{"jsonrpc":"2.0","id":$ID,"result":{},"error":{"code":1,"message":""}}'],
    ['a text as error code', '{"jsonrpc":"2.0","id":$ID,"error":{"code":"E","message":""}}'],
    ['no result', '{"jsonrpc":"2.0","id":$ID}'],
    ['the wrong case', '{"jsonrpc":"2.0","id":$ID,"Result":{}}'],
    ['another version', '{"jsonrpc":"1.0","id":$ID,"result":{}}'],
  ])('S39 fails a call at once that is answered with %s', async (_, line) => {
    const client = await readyClient({ 'tools/call:echo': { mode: 'raw', line } })
    expect(await rejectionOf(client.call('echo'))).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'yes' })
    expect(await client.call('pid')).toBe(String(client.transport.pid))
  })

  test.each([
    ['another top-level key', '{"jsonrpc":"2.0","id":$ID,"result":{"ok":1},"extra":1}'],
    ['a batch', '[{"jsonrpc":"2.0","method":"notifications/x"},{"jsonrpc":"2.0","id":$ID,"result":{"ok":1}}]'],
  ])('accepts an answer with %s', async (_, line) => {
    const client = await readyClient({ 'tools/call': { mode: 'raw', line } })
    expect((await client.request('tools/call', { name: 'echo' })).result).toEqual({ ok: 1 })
  })

  test('forgets a request that was cancelled and drops its late answer', async () => {
    const violations: string[] = []
    const client = await readyClient(
      { 'tools/call:echo': { mode: 'late', ms: 100 } },
      { observer: { violation: (kind) => violations.push(kind) } },
    )
    const sent = client.transport.send({ jsonrpc: '2.0', id: 'mine', method: 'tools/call', params: { name: 'echo' } })
    await client.transport.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'mine' } })
    await sent
    await until(() => violations.includes('stray-answer'))
    expect(client.received.some(({ id }) => id === 'mine')).toBe(false)
  })

  test('S35 takes an answer of five megabytes', async () => {
    const client = await readyClient()
    expect(await client.call('big', { bytes: 5e6 })).toHaveLength(5e6)
  })

  test('survives a receiver that throws', async () => {
    const client = await readyClient()
    const errors: unknown[] = []
    const receive = client.transport.onmessage
    client.transport.onerror = (error) => errors.push(error)
    client.transport.onmessage = (message) => {
      receive?.(message)
      throw new Error('receiver')
    }
    await client.call('pid')
    await client.call('pid')
    expect(errors).toHaveLength(2)
  })
})

describe('loss', () => {
  test.each([
    ['S21 exits during a call', { 'tools/call': { mode: 'exit', code: 7 } }, { exitCode: 7, delivered: 'maybe' }],
    ['S22 exits after executing', { 'tools/call': { mode: 'exit-after', code: 1 } }, { exitCode: 1, delivered: 'maybe' }],
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
    const client = await readyClient({ background: { mode: 'signal', ms: 60_000 }, 'tools/call': 'hang', stdout: { mode: 'close', ms: 300 } })
    const failure = await rejectionOf(client.call('echo'))
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(failure.message).toContain('closed its stdout')
    await client.transport.end()
  })

  test('S33 S34 a line over the limit fails calls when the limit is passed, in bounded memory', async () => {
    const client = await readyClient({ 'tools/call': 'endless' })
    const before = process.memoryUsage().rss
    expect(await rejectionOf(client.call('echo'))).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'maybe' })
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6)
    await client.transport.end()
  })

  test('S24 rejects each of a thousand calls in flight, once', async () => {
    const client = await readyClient({ 'tools/call': 'hang', background: { mode: 'exit', ms: 300 } })
    const calls = Array.from({ length: 1_000 }, () => rejectionOf(client.call('echo')))
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

describe('back-pressure', () => {
  test('S15 refuses more when too much waits, and rejects all when the process ends', async () => {
    const client = await readyClient({ stdin: { mode: 'stop', after: 2 } }, { limits: { messageBytes: 1e5, stderrTailBytes: 1e3 } })
    const text = 'x'.repeat(1e5)
    const failures = Array.from({ length: 20 }, () => rejectionOf(client.call('echo', { text })))
    const refused = await Promise.race(failures)
    expect(refused).toMatchObject({ code: 'QUEUE_FULL', delivered: 'no' })
    client.transport.kill()
    const codes = (await Promise.all(failures)).map(({ code }) => code)
    expect(codes.filter((code) => code === 'CONNECTION_LOST').length).toBeGreaterThan(1)
    expect(new Set(codes)).toEqual(new Set(['QUEUE_FULL', 'CONNECTION_LOST']))
  })

  test('a flooding server leaves its neighbours their turns', async () => {
    const calm = await readyClient()
    const loud = await readyClient({ background: { mode: 'flood', count: 20_000, ms: 1 } })
    await until(() => loud.received.length > 1_000)
    // Between two answers of the calm one the loud one gets a bounded number of messages, however many wait.
    for (let n = 0; n < 20; n += 1) {
      const before = loud.received.length
      await calm.call('pid')
      expect(loud.received.length - before).toBeLessThan(100_000)
    }
    expect(loud.losses).toEqual([])
  })
})

describe('start and end', () => {
  test.each([
    ['S01 a command that does not exist', { command: 'no-such-program' }, 'ENOENT', '"command"'],
    ['S02 a directory', { command: '/tmp' }, 'EACCES', '"command"'],
    ['S02 a missing cwd', { cwd: '/no/such/folder' }, 'ENOENT', '"cwd" must be a directory, got "/no/such/folder"'],
    ['S03 a NUL character', { args: ['a\0b'] }, 'ERR_INVALID_ARG_VALUE', 'NUL'],
    ['S03 arguments that are too long', { args: Array.from({ length: 40 }, () => 'x'.repeat(100_000)) }, 'E2BIG', 'limit'],
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
    const client = newClient(stdioEndpoint({ stderr: 'env', start: { mode: 'slow', ms: 50 }, initialize: 'exit' }, undefined, { TOKEN: 'hunter2' }), {
      mask: (text) => text.replaceAll('hunter2', '***'),
      observer: { stderr: (line) => seen.push(line) },
    })
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
  return execFileSync('ls', [`/proc/${pid}/fd`], { encoding: 'utf8' }).split('\n').includes('0')
}
