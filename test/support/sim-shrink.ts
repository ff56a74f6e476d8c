import fc from 'fast-check'

import { type SimulationOptions, simulate } from './sim-run.js'
import { type Schedule, anySchedule, scheduleOf } from './sim-schedule.js'

/** A schedule that breaks an invariant, as small as it could be made, and the story of its end. */
export interface Counterexample {
  readonly schedule: Schedule
  readonly violation: string
  readonly trace: readonly string[]
}

/** What a schedule breaks; undefined when every invariant holds. */
export async function violationOf(schedule: Schedule, options: SimulationOptions = {}): Promise<string | undefined> {
  try {
    await simulate(schedule, options)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Takes away from a failing schedule what its failure does not need. */
export async function shrink(schedule: Schedule, options: SimulationOptions = {}): Promise<Counterexample> {
  const property = fc.asyncProperty(anySchedule, (candidate) => simulate(candidate, options))
  const { counterexample } = await fc.check(property, { examples: [[schedule]], numRuns: 1 })
  const [smallest = schedule] = counterexample ?? []
  const trace: string[] = []
  const violation = await violationOf(smallest, { ...options, trace: (line) => trace.push(line) })
  return { schedule: smallest, violation: violation ?? 'the failure does not repeat itself', trace }
}

/** Runs the schedule of a seed. Throws with everything that is needed to see why it fails. */
export async function runSeed(seed: number, options: SimulationOptions = {}): Promise<void> {
  const violation = await violationOf(scheduleOf(seed), options)
  if (violation === undefined) return
  const { schedule, trace, ...smallest } = await shrink(scheduleOf(seed), options)
  throw new Error(
    [
      `seed ${seed}: ${violation}`,
      `replay it with: npm run simulate -- --seed ${seed}`,
      `shrunk to ${schedule.commands.length} commands, which break: ${smallest.violation}`,
      JSON.stringify(schedule),
      ...trace.slice(-40),
    ].join('\n'),
  )
}
