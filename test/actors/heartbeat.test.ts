import { describe, expect, it } from 'vitest'
import { createHeartbeat } from '../../src/actors/heartbeat.js'
import type { Cancellation } from '../../src/calls/cancellation.js'
import { createVirtualClock } from '../support/virtual-clock.js'

function bench(intervalMs = 100) {
  const clock = createVirtualClock()
  const pings: { cancellation: Cancellation; answer: () => void; refuse: (error: Error) => void }[] = []
  let deaths = 0
  const heartbeat = createHeartbeat({
    intervalMs,
    clock,
    ping: (cancellation) => new Promise<void>((answer, refuse) => pings.push({ cancellation, answer, refuse })),
    dead: () => void deaths++,
  })
  return { clock, pings, heartbeat, deaths: () => deaths }
}

describe('the heartbeat', () => {
  it('sends nothing and sets no timer when it is off', () => {
    const { heartbeat, clock } = bench(0)
    heartbeat.watch(false)
    expect(clock.pending).toBe(0)
  })

  it('gives a server up after two pings in a row without an answer', () => {
    const { heartbeat, clock, pings, deaths } = bench()
    heartbeat.watch(false)
    clock.advance(299)
    expect(pings).toHaveLength(2)
    expect(deaths()).toBe(0)
    clock.advance(1)
    expect(deaths()).toBe(1)
    expect(clock.pending).toBe(0)
    expect(pings.map(({ cancellation }) => cancellation.reason)).toEqual(['too late', 'no longer of interest'])
  })

  it('takes any answer for a sign of life, an error too', async () => {
    const { heartbeat, clock, pings, deaths } = bench()
    heartbeat.watch(false)
    for (let n = 0; n < 5; n++) {
      clock.advance(100)
      if (n % 2 === 0) pings.at(-1)?.answer()
      else pings.at(-1)?.refuse(new Error('method not found'))
      await Promise.resolve()
    }
    expect(pings).toHaveLength(5)
    expect(deaths()).toBe(0)
  })

  it('is silent while calls are in flight and begins anew after them', () => {
    const { heartbeat, clock, pings } = bench()
    heartbeat.watch(false)
    clock.advance(100)
    heartbeat.watch(true)
    clock.advance(10_000)
    expect(pings).toHaveLength(1)
    heartbeat.watch(false)
    clock.advance(100)
    expect(pings).toHaveLength(2)
  })
})
