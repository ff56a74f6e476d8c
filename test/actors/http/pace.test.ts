import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import { createPace } from '../../../src/actors/http/pace.js'
import { connectedPair, textOf } from '../../fixtures/servers/http-client.js'

const mebibyte = 1024 * 1024
/** What a mebibyte takes at least of a server that is read slowly, 16 KiB a millisecond; timers may be early. */
const slowMs = 60

const never = new AbortController().signal

/** Milliseconds that `work` takes. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

describe('the pace of a server', () => {
  it('is a turn for others, however much came, as long as the server keeps its limits', async () => {
    const first = Promise.race([
      createPace()
        .next(1024 * mebibyte, never)
        .then(() => 'read'),
      sleep(1_000, 'waited'),
    ])
    expect(await first).toBe('read')
  })

  it('is slow for all its bodies together once one went past a limit', async () => {
    const pace = createPace()
    pace.exceeded()
    expect(await timeOf(() => pace.next(mebibyte, never))).toBeGreaterThanOrEqual(slowMs)
    const both = () => Promise.all([pace.next(mebibyte, never), pace.next(mebibyte, never)])
    expect(await timeOf(both)).toBeGreaterThanOrEqual(2 * slowMs)
  })

  it('is full again when a long body ended within its limit', async () => {
    const pace = createPace()
    pace.exceeded()
    pace.kept()
    const first = Promise.race([pace.next(1024 * mebibyte, never).then(() => 'read'), sleep(1_000, 'waited')])
    expect(await first).toBe('read')
  })

  it('does not outlive a request that is aborted', async () => {
    const pace = createPace()
    pace.exceeded()
    const aborted = new AbortController()
    const read = pace.next(1024 * mebibyte, aborted.signal)
    aborted.abort()
    await expect(read).rejects.toThrow('aborted')
  })
})

describe('a server that floods again', () => {
  const limits = { messageBytes: 4 * mebibyte, stderrTailBytes: 1024 }

  it.each([
    ['an endless event', { do: 'giant-event' }],
    ['a gzip bomb', { do: 'gzip-bomb' }],
  ])('H11 H26: is read slowly: %s', async (_what, fault) => {
    const { client } = await connectedPair({ echo: fault }, { limits })
    const flood = async () => expect(await client.failing('echo')).toMatchObject({ code: 'RESPONSE_INVALID' })
    await flood()
    expect(await timeOf(flood)).toBeGreaterThanOrEqual(3 * slowMs)
  })

  it('is read at full speed again after a long answer within its limit', async () => {
    const { client } = await connectedPair({ echo: { do: 'giant-event' } }, { limits })
    await client.failing('echo')
    const answer = () => client.call('big', { bytes: 3 * mebibyte })
    const slow = await timeOf(async () => expect(String(textOf(await answer())).length).toBe(3 * mebibyte))
    expect(slow).toBeGreaterThanOrEqual(2 * slowMs)
    const times = []
    for (let n = 0; n < 5; n++) times.push(await timeOf(answer))
    expect(Math.min(...times)).toBeLessThan(slow)
  })
})
