import type { AnyStateMachine } from 'xstate'
import { beforeAll, describe, expect, it, vi } from 'vitest'

import { createSupervisorMachine } from '../../src/machines/supervisor.js'
import { plannedMachine } from '../model/server-model.js'
import { type Schedule, scheduleOf } from '../support/sim-schedule.js'
import { shrink, violationOf } from '../support/sim-shrink.js'
import type { Sabotage } from '../support/sim-world.js'
import { foundOnce } from './found-once.js'
import { plantedBugs } from './planted-bugs.js'

/** A bug must show in what has shown one like it before, or within so many seeds. */
const seeds = 150

async function firstFailure(sabotage: Sabotage): Promise<Schedule | undefined> {
  const schedules = Array.from({ length: seeds }, (_, n) => scheduleOf(n + 1))
  for (const schedule of [...foundOnce.values(), ...schedules])
    if (await violationOf(schedule, { sabotage })) return schedule
  return undefined
}

/** What no call can feel, with the test that shows it. */
const elsewhere = {
  recordListing: 'the number of tools in a status: test/faults/catalogue.test.ts',
  refuseStopped: 'callers are turned away before: test/machines/server.test.ts',
  refuseLease: 'callers are turned away before: test/machines/supervisor.test.ts',
  readFile: 'there is no file: test/actors/watcher.supervised.test.ts',
}

const server = plannedMachine()
const supervisor = createSupervisorMachine({ server, crashed: () => undefined })

/** Every guard, action and delay that a machine names, with what it is. */
function partsOf({ implementations }: AnyStateMachine): Map<string, unknown> {
  const { guards, actions, delays } = implementations
  return new Map<string, unknown>([guards, actions, delays].flatMap((kind) => Object.entries(kind)))
}

/** The names of what a sabotage has replaced in a machine. */
function replaced(before: AnyStateMachine, after: AnyStateMachine | undefined): string[] {
  if (!after) return []
  const parts = partsOf(before)
  return [...partsOf(after)].flatMap(([name, part]) => (parts.has(name) && parts.get(name) === part ? [] : [name]))
}

describe('the simulation', () => {
  // XState warns of reports to a server that a simulated bug has ended: they are what is tested here.
  beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))

  it.each(Object.entries(plantedBugs))('sees when %s', { timeout: 60_000 }, async (_, sabotage) => {
    expect(await firstFailure(sabotage)).toBeDefined()
  })

  it('is shown a bug of every guard, action and delay of the machines', () => {
    const names = [server, supervisor].flatMap((machine) => [...partsOf(machine).keys()])
    const broken = Object.values(plantedBugs).flatMap((sabotage) => [
      ...replaced(server, sabotage.server?.(server)),
      ...replaced(supervisor, sabotage.supervisor?.(supervisor)),
    ])
    expect(broken.filter((name) => !names.includes(name))).toEqual([])
    expect(names.filter((name) => !broken.includes(name)).toSorted()).toEqual(Object.keys(elsewhere).toSorted())
  })

  it('shrinks a failure to the few commands that cause it', { timeout: 60_000 }, async () => {
    const sabotage = plantedBugs['terminating has no deadline'] ?? {}
    const failing = await firstFailure(sabotage)
    const { schedule, violation, trace } = await shrink(failing ?? scheduleOf(0), { sabotage })
    expect(schedule.commands.length).toBeLessThanOrEqual(3)
    expect(schedule.commands.map(({ type }) => type)).toContain('ending')
    expect(violation).toContain('the supervisor is active after its end')
    expect(trace.at(-1)).toContain('VIOLATION')
  })
})
