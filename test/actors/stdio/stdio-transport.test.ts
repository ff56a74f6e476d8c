import { describe, expect, test } from 'vitest'
import type { Failure } from '../../../src/errors.js'
import { emptyJournal, readyClient, rejectionOf, until } from '../stdio-fixture.js'

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

  test('S38 replaces bytes that are no UTF-8', async () => {
    const client = await readyClient({ 'tools/call:echo': 'invalid-utf8' })
    expect(await client.call('echo')).toContain('\uFFFD')
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

describe('back-pressure', () => {
  test('S15 refuses more when too much waits, and rejects all when the process ends', async () => {
    const client = await readyClient(
      { stdin: { mode: 'stop', after: 2 } },
      { limits: { messageBytes: 1e5, stderrTailBytes: 1e3 } },
    )
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
    let received = 0
    let longestTurn = 0
    loud.transport.onmessage = () => {
      received += 1
      for (const end = performance.now() + 0.1; performance.now() < end;);
    }
    const turn = (): void => {
      longestTurn = Math.max(longestTurn, received)
      received = 0
      timer = setImmediate(turn)
    }
    let timer = setImmediate(turn)
    for (let n = 0; n < 100; n += 1) await calm.call('pid')
    clearImmediate(timer)
    // At a tenth of a millisecond each, twenty fill the two milliseconds of a turn.
    expect(longestTurn).toBeGreaterThan(0)
    expect(longestTurn).toBeLessThanOrEqual(50)
    expect(loud.losses).toEqual([])
  })
})

describe('S64 chaos', () => {
  test.each([1, 2, 3, 4, 5, 6])('each call settles once and tells the truth (seed %d)', async (seed) => {
    const journal = emptyJournal()
    const client = await readyClient({ 'tools/call': { mode: 'chaos', seed } }, {}, journal)
    const texts = Array.from({ length: 40 }, (_, n) => `text ${n}`)
    const outcomes = texts.map((text) =>
      client.call('echo', { text }).then(
        (answer) => ({ text, answer, delivered: 'yes' }),
        ({ delivered }: Failure) => ({ text, answer: undefined, delivered }),
      ),
    )
    // Some hang for ever: those settle when the transport is given up.
    await Promise.race([client.lost, Promise.all(outcomes), new Promise((resolve) => setTimeout(resolve, 500))])
    client.transport.kill()
    const settled = await Promise.all(outcomes)
    await client.transport.end()
    const executed = journal.lines().flatMap(({ event, input }) => (event === 'executed' ? [input?.text] : []))
    expect(new Set(executed).size).toBe(executed.length)
    for (const { text, answer, delivered } of settled) {
      // An error of the server is an answer, of which `call` makes an empty text.
      if (answer) expect(answer).toBe(text)
      if (delivered === 'no') expect(executed).not.toContain(text)
    }
  })
})
