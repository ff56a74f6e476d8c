import type { InspectionEvent, Snapshot } from 'xstate'

import { type Supervisor, SupervisorError } from '../index.js'
import { followOutcomes } from './outcomes.js'
import { type ActorRecord, type InspectionRecord, type OutcomeRecord, type SnapshotRecord, project } from './project.js'

/** What happened, in order; nothing in it is secret. */
export type Recorded = (InspectionRecord | OutcomeRecord) & { readonly seq: number }

/** Remembers what the actors of a supervisor did lately, in bounded memory, and which actors there are. */
export interface Recorder {
  /** Give it to `createSupervisor` as `inspect`. */
  readonly inspect: (event: InspectionEvent) => void
  /** Also remembers what came of calls, reloads and the end of this supervisor. Returns what takes it back; ends by itself when it closes. */
  follow(supervisor: Supervisor): () => void
  /** The last records, oldest first; of those, the ones after `seq`. */
  records(after?: number): readonly Recorded[]
  /** The actors that live, in order of birth: when they came to be and how they are now. */
  actors(): readonly LivingActor[]
  /** Tells each record from now on. Returns what takes it back. */
  subscribe(listener: (record: Recorded) => void): () => void
}

export interface LivingActor {
  readonly birth: ActorRecord
  readonly now: SnapshotRecord | undefined
}

export interface RecorderOptions {
  /** How many records are remembered. Default: 1000. */
  readonly limit?: number
}

/**
 * Made before its supervisor, to which it is given; it keeps nothing alive and listens to nothing by itself.
 * @throws `CONFIG_INVALID` for a limit that is none
 */
export function createRecorder({ limit = 1_000 }: RecorderOptions = {}): Recorder {
  checkLimit(limit)
  const listeners = new Set<(record: Recorded) => void>()
  const actors = new Map<string, Actor>()
  let kept: Recorded[] = []
  let seq = 0

  function add(record: InspectionRecord | OutcomeRecord): void {
    const recorded = { ...record, seq: ++seq }
    kept.push(recorded)
    if (kept.length >= 2 * limit) kept = kept.slice(-limit)
    for (const listener of listeners) listener(recorded)
  }

  function enter(record: SnapshotRecord): void {
    const { sessionId, snapshot } = record
    const actor = actors.get(sessionId)
    // A call that passes through changes no state: it is seen as an event.
    if (!actor || JSON.stringify(actor.now?.snapshot) === JSON.stringify(snapshot)) return
    actor.now = record
    if (snapshot.status !== 'active') actors.delete(sessionId)
    add(record)
  }

  /** XState tells the state of an actor after all that it sends on entering it: in a story it comes before. */
  function enterFirst(event: Extract<InspectionEvent, { type: '@xstate.event' }>): void {
    const { sourceRef, rootId } = event
    const cause = sourceRef && actors.get(sourceRef.sessionId)?.cause
    if (!sourceRef || !cause) return
    const snapshot = sourceRef.getSnapshot() as Snapshot<unknown>
    const record = project({ type: '@xstate.snapshot', rootId, actorRef: sourceRef, event: cause, snapshot })
    if (record?.type === '@xstate.snapshot' && record.snapshot.value !== undefined) enter(record)
  }

  return {
    inspect(event) {
      if (event.type === '@xstate.event') enterFirst(event)
      const record = project(event)
      if (!record) return
      if (record.type === '@xstate.snapshot') return enter(record)
      const { sessionId } = record
      const actor = actors.get(sessionId)
      if (record.type === '@xstate.actor') actors.set(sessionId, { birth: record, now: undefined, cause: undefined })
      else if (actor) actor.cause = { type: record.event.type }
      add(record)
    },
    follow: (supervisor) => followOutcomes(supervisor, add),
    records: (after = 0) => kept.slice(-limit).filter((record) => record.seq > after),
    actors: () => [...actors.values()].map(({ birth, now }) => ({ birth, now })),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function checkLimit(limit: number): void {
  if (Number.isSafeInteger(limit) && limit > 0) return
  const message = `"limit" of a recorder must be a whole number > 0, got ${String(limit)}`
  throw new SupervisorError({ code: 'CONFIG_INVALID', message, delivered: 'no', retryable: false })
}

interface Actor {
  readonly birth: ActorRecord
  now: SnapshotRecord | undefined
  /** What it was sent last. */
  cause: { readonly type: string } | undefined
}
