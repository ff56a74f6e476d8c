import { describe, expect, it } from 'vitest'
import { connectedPair, textOf } from '../../fixtures/servers/http-client.js'

const limits = { messageBytes: 1024 * 1024, stderrTailBytes: 1024 }

/** Peak of what the process holds while `work` runs, above what it held before. */
async function peakGrowth(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss
  let peak = before
  const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5)
  await work().finally(() => clearInterval(sampler))
  return peak - before
}

describe('a body beyond the limit', () => {
  it.each([
    ['without end', { do: 'endless' }],
    ['a gzip bomb of 1 GiB', { do: 'gzip-bomb' }],
    ['an event of 100 MB', { do: 'giant-event' }],
    ['a gzip bomb of one event', { do: 'gzip-bomb', type: 'text/event-stream' }],
  ])('H11 H26: %s fails when the limit is passed', async (_what, fault) => {
    const { client } = await connectedPair({ big: fault }, { limits })
    const growth = await peakGrowth(async () => {
      const failure = await client.failing('big')
      expect(failure).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'maybe', retryable: false })
      expect(failure.message).toContain('longer than 1048576 bytes')
    })
    expect(growth).toBeLessThan(64 * 1024 * 1024)
    expect(client.lost).toEqual([])
    expect(textOf(await client.call('add', { a: 1, b: 2 }))).toBe('3')
  })

  it.each(['json', 'sse'])('a body of 900 kB within it arrives whole as %s', async (answers) => {
    const { client } = await connectedPair({ answers }, { limits })
    expect(String(textOf(await client.call('big', { bytes: 900_000 }))).length).toBe(900_000)
  })
})

describe('a compressed body', () => {
  it.each([
    ['of an unknown kind', { 'content-encoding': 'rot13' }, /compressed in an unknown way: "rot13"/],
    ['named like a property of every object', { 'content-encoding': 'constructor' }, /unknown way: "constructor"/],
    ['that is broken', { 'content-encoding': 'gzip' }, /does not decompress as gzip/],
  ])('%s fails the call', async (_what, headers, message) => {
    const fault = { do: 'status', status: 200, headers: { 'content-type': 'application/json', ...headers }, body: '{}' }
    const { client } = await connectedPair({ echo: fault })
    const failure = await client.failing('echo')
    expect(failure).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'maybe' })
    expect(failure.message).toMatch(message)
  })
})
