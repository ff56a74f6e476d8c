import { it } from 'vitest'
import { simulate } from '../support/sim-run.js'
import { scheduleOf } from '../support/sim-schedule.js'
it('x', { timeout: 600_000 }, async () => {
  const from = Number(process.env.FROM), to = Number(process.env.TO)
  const fails: Record<string, number[]> = {}
  for (let seed = from; seed < to; seed++) {
    try { await simulate(scheduleOf(seed)) } catch (e) {
      const k = String((e as Error).message).split('\n')[0]!.replace(/\d+/g, 'N').replace(/alpha|beta|gamma/g, 'S')
      ;(fails[k] ??= []).push(seed)
    }
  }
  console.log('RESULT', Object.entries(fails).map(([k, v]) => `${v.length} ${k} ${v.slice(0, 5)}`))
})
