import type { AnyStateNode } from 'xstate'
import { adjacencyMapToArray, getAdjacencyMap, getShortestPaths } from 'xstate/graph'
import { beforeAll, describe, expect, it } from 'vitest'

import type { ServerEvent } from '../../src/machines/server.events.js'
import { createReplay } from './replay.js'
import { type ServerSnapshot, allEvents, isPossible, keyOf, modelInput, plannedMachine } from './server-model.js'

interface Step {
  readonly event: ServerEvent
  /** Key of the state that the plan expects after the event. */
  readonly key: string
}

const machine = plannedMachine()
const options = {
  input: modelInput,
  events: allEvents(machine),
  serializeState: (state: unknown) => keyOf(state as ServerSnapshot),
  filterEvents: (state: unknown, event: unknown) => isPossible(state as ServerSnapshot, event as ServerEvent),
  limit: 100_000,
}

/** The shortest path to every state, by the key of the state. */
function pathsToStates(): Map<string, Step[]> {
  const paths = getShortestPaths(machine, options)
  return new Map(
    paths.map(({ state, steps: [, ...steps] }) => [
      keyOf(state as ServerSnapshot),
      steps.map((step) => ({ event: step.event, key: keyOf(step.state as ServerSnapshot) })),
    ]),
  )
}

/** Every event in every kind of state, at the end of the shortest path to one. */
function pathsOfEvents(toStates: ReadonlyMap<string, Step[]>): Step[][] {
  const kinds = new Map<string, Step[]>()
  for (const { state, event, nextState } of adjacencyMapToArray(getAdjacencyMap(machine, options))) {
    const { value, context } = state as ServerSnapshot
    const { closing, queue, error, entry } = context
    const kind = JSON.stringify([value, closing?.then, queue.length > 0, error?.code, entry.invalid?.code, event])
    const path = [
      ...(toStates.get(keyOf(state as ServerSnapshot)) ?? []),
      { event, key: keyOf(nextState as ServerSnapshot) },
    ]
    if (path.length < (kinds.get(kind)?.length ?? Infinity)) kinds.set(kind, path)
  }
  return [...kinds.values()]
}

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)]

describe('the server machine', () => {
  const replay = createReplay()
  const visited = new Set<string>()
  const differences: string[] = []

  function follow(path: readonly Step[]): void {
    const life = replay.begin()
    for (const { event, key } of path) {
      life.perform(event)
      for (const { id } of life.snapshot()._nodes) visited.add(id)
      if (keyOf(life.snapshot()) === key) continue
      differences.push(
        `${path.map((step) => step.event.type).join(', ')}: planned ${key}, lived ${keyOf(life.snapshot())}`,
      )
      break
    }
    life.end()
  }

  beforeAll(() => {
    const toStates = pathsToStates()
    for (const path of [...toStates.values(), ...pathsOfEvents(toStates)]) follow(path)
  }, 120_000)

  it('lives every planned path as it was planned', () => {
    expect(differences).toEqual([])
  })

  it('comes into every state of its chart, transient ones included', () => {
    const passed = new Set([...replay.taken].map(({ source }) => source.id))
    const missing = nodesOf(machine.root).filter(({ id }) => !visited.has(id) && !passed.has(id))
    expect(missing.map(({ id }) => id)).toEqual([])
  })

  it('takes every transition of its chart, those that no event causes included', () => {
    const all = nodesOf(replay.machine.root).flatMap((node) => [...node.transitions.values(), node.always ?? []].flat())
    const missing = all.filter((transition) => !replay.taken.has(transition))
    expect(missing.map(({ source, eventType, guard }) => [source.id, eventType || 'always', guard])).toEqual([])
  })
})
