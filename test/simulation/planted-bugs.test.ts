import { beforeAll, describe, expect, it, vi } from 'vitest'

import { scheduleOf } from '../support/sim-schedule.js'
import { shrink, violationOf } from '../support/sim-shrink.js'
import type { Sabotage } from '../support/sim-world.js'
import { plantedBugs } from './planted-bugs.js'

/** A bug must show within so many seeds. */
const seeds = 150

async function firstFailure(sabotage: Sabotage): Promise<number | undefined> {
  for (let seed = 1; seed <= seeds; seed++) if (await violationOf(scheduleOf(seed), { sabotage })) return seed
  return undefined
}

describe('the simulation', () => {
  // XState warns of reports to a server that a simulated bug has ended: they are what is tested here.
  beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))

  it.each(Object.entries(plantedBugs))('sees when %s', { timeout: 60_000 }, async (_, sabotage) => {
    const seed = await firstFailure(sabotage)
    expect(seed).toBeDefined()
  })

  it('shrinks a failure to the few commands that cause it', { timeout: 60_000 }, async () => {
    const sabotage = plantedBugs['terminating has no deadline'] ?? {}
    const seed = await firstFailure(sabotage)
    const { schedule, violation, trace } = await shrink(scheduleOf(seed ?? 0), { sabotage })
    expect(schedule.commands.length).toBeLessThanOrEqual(3)
    expect(schedule.commands.map(({ type }) => type)).toContain('ending')
    expect(violation).toContain('the supervisor is active after its end')
    expect(trace.at(-1)).toContain('VIOLATION')
  })
})
