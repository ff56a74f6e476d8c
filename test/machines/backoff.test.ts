import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { backoffMs, cooldownMs } from '../../src/machines/backoff.js'
import { intensityExceeded, recordRestart } from '../../src/machines/restart-intensity.js'

const policy = { minTimeoutMs: 500, factor: 2, maxTimeoutMs: 30_000, randomize: false }

describe('back-off', () => {
  it('doubles from the first delay up to the longest', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((n) => backoffMs(policy, n, Math.random))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ])
  })

  it('takes away at most a quarter by chance and never adds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, chance) => {
        const full = backoffMs(policy, n, () => 0)
        const jittered = backoffMs({ ...policy, randomize: true }, n, () => chance)
        expect(jittered).toBeLessThanOrEqual(full)
        expect(jittered).toBeGreaterThanOrEqual(Math.floor(full * 0.75))
      }),
    )
  })

  it('keeps a circuit open longer with each trip, up to ten times', () => {
    expect([1, 2, 3, 4, 5, 9].map((trips) => cooldownMs({ cooldownMs: 10 }, trips))).toEqual([10, 20, 40, 80, 100, 100])
  })
})

describe('restart intensity', () => {
  const limit = { maxRestarts: 2, restartPeriodMs: 100 }

  it('allows as many restarts within the period as configured and no more', () => {
    expect(intensityExceeded([0], 50, limit)).toBe(false)
    expect(intensityExceeded([0, 50], 99, limit)).toBe(true)
  })

  it('forgets restarts that are older than the period', () => {
    expect(intensityExceeded([0, 50], 100, limit)).toBe(false)
    expect(recordRestart([0, 50], 120, 100)).toEqual([50, 120])
  })
})
