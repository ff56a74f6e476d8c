import { describe, it } from 'vitest'

import { simulate } from '../support/sim-run.js'
import { scheduleOf } from '../support/sim-schedule.js'

describe('the simulation', () => {
  it('x', { timeout: 120_000 }, async () => {
    const fails: Record<string, number[]> = {}
    const t = performance.now()
    for (let seed = 1; seed <= 1_000; seed++) {
      try { await simulate(scheduleOf(seed)) } catch (e) {
        const k = String((e as Error).message).split('\n')[0]!.replace(/\d+/g, 'N').replace(/alpha|beta|gamma/g, 'S')
        ;(fails[k] ??= []).push(seed)
      }
    }
    console.log(performance.now() - t, Object.entries(fails).map(([k, v]) => `${v.length} ${k} ${v.slice(0, 5)}`))
  })
})
