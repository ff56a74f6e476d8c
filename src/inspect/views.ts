import type { Explanation, ServerStatus, Supervisor } from '../index.js'
import type { ActorRecord, SnapshotRecord } from './project.js'
import type { LivingActor, Recorded, Recorder } from './recorder.js'
import { type Step, leafOf, toSequence } from './sequence.js'

/** The whole tree at a glance. */
export interface Overview {
  readonly servers: readonly ServerStatus[]
  readonly actors: readonly ActorView[]
}

export interface ActorView {
  readonly id: string
  readonly parentId?: string
  readonly name: string
  /** The server that it is, or of which it is a lease. */
  readonly server?: string
  readonly state?: string
}

/** One server, with everything that the page shows of it. */
export interface ServerView {
  readonly explanation: Explanation
  /** The innermost states it entered last, transient ones not among them. The last one is where it is. */
  readonly visited: readonly string[]
  readonly story: readonly Step[]
}

const lengths = { visited: 4, story: 60 }

export function overviewOf(supervisor: Supervisor, recorder: Recorder): Overview {
  return { servers: supervisor.statuses(), actors: recorder.actors().map(actorView) }
}

export function serverView(name: string, supervisor: Supervisor, recorder: Recorder): ServerView {
  const { records, id } = recordsOf(name, recorder)
  const visited = records.flatMap((record) =>
    record.type === '@xstate.snapshot' && record.sessionId === id ? (leafOf(record.snapshot.value) ?? []) : [],
  )
  const known = recorder.actors().find(({ birth }) => birth.sessionId === id)
  const now = leafOf(known?.now?.snapshot.value)
  return {
    explanation: supervisor.explain(name),
    visited: visited.length > 0 ? visited.slice(-lengths.visited) : now === undefined ? [] : [now],
    story: toSequence(records).slice(-lengths.story),
  }
}

/**
 * What concerns one server, its leases and the actors below them; births that were forgotten are told again. The leases
 * are told as one: there may be one for each call.
 */
function recordsOf(name: string, recorder: Recorder): { records: Recorded[]; id: string | undefined } {
  const all = recorder.records()
  const remembered = new Set(all.flatMap((record) => (record.type === '@xstate.actor' ? record.sessionId : [])))
  const births = recorder.actors().flatMap(({ birth }) => (remembered.has(birth.sessionId) ? [] : { ...birth, seq: 0 }))
  const family = new Set(
    [...all, ...recorder.actors().flatMap(({ now }) => now ?? [])].flatMap((record) =>
      record.type === '@xstate.snapshot' && serverOf(record) === name ? record.sessionId : [],
    ),
  )
  let id: string | undefined
  for (const record of [...births, ...all]) {
    if (record.type !== '@xstate.actor') continue
    if (record.name === `server:${name}`) family.add((id = record.sessionId))
    else if (family.has(record.parentId ?? '')) family.add(record.sessionId)
  }
  const concerns = (record: Recorded): boolean => {
    if (record.type === '@xstate.actor') return true
    if (record.type === 'outcome') return record.server === name
    return family.has(record.sessionId) || (record.type === '@xstate.event' && family.has(record.sourceId ?? ''))
  }
  const asOne = (record: Recorded): Recorded =>
    record.type === '@xstate.actor' && isLease(record) ? { ...record, name: `lease:${name}` } : record
  return { records: [...births, ...all].filter(concerns).map(asOne), id }
}

const isLease = ({ name }: ActorRecord): boolean => name.startsWith('lease:')

function serverOf({ snapshot }: SnapshotRecord): string | undefined {
  const name = snapshot.context?.['name']
  return typeof name === 'string' ? name : undefined
}

function actorView({ birth: { sessionId, parentId, name }, now }: LivingActor): ActorView {
  const [state, server] = now ? [leafOf(now.snapshot.value), serverOf(now)] : []
  return {
    id: sessionId,
    name,
    ...(parentId !== undefined && { parentId }),
    ...(server !== undefined && { server }),
    ...(state !== undefined && { state }),
  }
}
