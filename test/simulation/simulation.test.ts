import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'

import { simulate } from '../support/sim-run.js'
import { anySchedule, scheduleOf } from '../support/sim-schedule.js'
import { runSeed } from '../support/sim-shrink.js'

const seeds = 1_000

describe('the simulation', () => {
  // XState warns of reports to a server that a simulated bug has ended: they are what is tested here.
  beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))

  it(`keeps every invariant through ${seeds} seeds of faults`, { timeout: 240_000 }, async () => {
    for (let seed = 1; seed <= seeds; seed++) await runSeed(seed)
  })

  it('keeps every invariant through the schedules that fast-check draws', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anySchedule, (schedule) => simulate(schedule)),
      { numRuns: 50, seed: 1 },
    )
  })

  it('is the same run for the same seed', async () => {
    const traceOf = async () => {
      const lines: string[] = []
      await simulate(scheduleOf(7), { trace: (line) => lines.push(line) })
      return lines
    }
    const [first, second] = [await traceOf(), await traceOf()]
    expect(first.length).toBeGreaterThan(20)
    expect(second).toEqual(first)
  })
})
