import type { InspectionEvent } from 'xstate'

import { definitionOf } from './definition.js'

interface Message {
  /** The actor it is about, or that received an event. */
  readonly sessionId: string
  readonly rootId: string
  /** Epoch milliseconds, as text. */
  readonly createdAt: string
  /** Of the message format. */
  readonly _version: string
  readonly id: null
}

/** An actor came to be. */
export interface ActorRecord extends Message {
  readonly type: '@xstate.actor'
  readonly name: string
  readonly parentId?: string
  /** Its statechart, as JSON; for an actor that is no machine, its name alone. */
  readonly definition: string
  readonly snapshot: SnapshotView
}

/** An actor was sent an event. */
export interface EventRecord extends Message {
  readonly type: '@xstate.event'
  /** The actor that sent it; absent when the host did. */
  readonly sourceId?: string
  readonly event: EventView
}

/** An actor is in another state than before. */
export interface SnapshotRecord extends Message {
  readonly type: '@xstate.snapshot'
  readonly event: EventView
  readonly snapshot: SnapshotView
}

/** What is left of an inspection event: messages of the Stately inspector, with nothing in them but what is listed here. */
export type InspectionRecord = ActorRecord | EventRecord | SnapshotRecord

/** What came of something that the host asked for. The Stately inspector does not know this one. */
export interface OutcomeRecord {
  readonly type: 'outcome'
  /** The server; absent when it is of the supervisor. */
  readonly server?: string
  readonly createdAt: string
  readonly text: string
  readonly isFailure: boolean
}

export interface EventView {
  readonly type: string
  readonly [key: string]: unknown
}

export interface SnapshotView {
  readonly status: string
  readonly value?: unknown
  readonly tags?: readonly string[]
  readonly context?: Readonly<Record<string, unknown>>
  readonly children?: Readonly<Record<string, object>>
}

type Kind = 'string' | 'number'

/** Facts of an event, by key, that may be shown. */
const eventFacts: Readonly<Record<string, Kind>> = {
  callId: 'number',
  reloadId: 'number',
  pid: 'number',
  tools: 'number',
  protocolVersion: 'string',
  reason: 'string',
  actorId: 'string',
}

/** Facts of a failure, by key, that may be shown: its text is not among them. */
const failureFacts: Readonly<Record<string, Kind>> = {
  code: 'string',
  phase: 'string',
  delivered: 'string',
  exitCode: 'number',
  signal: 'string',
  httpStatus: 'number',
}

/** Facts of a machine's context, by key, that may be shown. */
const contextFacts: Readonly<Record<string, Kind>> = {
  name: 'string',
  generation: 'number',
  attempt: 'number',
  failures: 'number',
  restarts: 'number',
  nextRetryAt: 'number',
}

const formatVersion = '0.7.2'

/**
 * What may be shown of an inspection event, by an allow-list: names, states, kinds of events and a few numbers. Whatever
 * is not listed here does not exist for an inspector. `undefined` for kinds of events that nobody shows.
 */
export function project(event: InspectionEvent): InspectionRecord | undefined {
  const { actorRef, rootId } = event
  const message = {
    sessionId: actorRef.sessionId,
    rootId,
    createdAt: String(Date.now()),
    _version: formatVersion,
    id: null,
  }
  switch (event.type) {
    case '@xstate.microstep':
    case '@xstate.action':
    case '@xstate.transition':
      return undefined
    case '@xstate.actor': {
      const { name, definition } = definitionOf(actorRef)
      const parentId = parentOf(actorRef)
      const snapshot = { status: 'active' }
      return { ...message, type: event.type, name, ...(parentId !== undefined && { parentId }), definition, snapshot }
    }
    case '@xstate.event': {
      const sourceId = event.sourceRef?.sessionId
      return {
        ...message,
        type: event.type,
        ...(sourceId !== undefined && { sourceId }),
        event: eventView(event.event),
      }
    }
    case '@xstate.snapshot':
      return { ...message, type: event.type, event: eventView(event.event), snapshot: snapshotView(event.snapshot) }
  }
}

/** What may be shown of a message that `@statelyai/inspect` made itself: give it to `createInspector` as `serialize`. */
export function serialize<T extends { readonly type: string }>(message: T): T {
  const { type, sessionId, rootId, createdAt, _version, name, parentId, sourceId, definition, event, snapshot } =
    message as unknown as Readonly<Record<string, unknown>>
  const kept = {
    ...{ type, sessionId, rootId, createdAt, _version, id: null, name, parentId, sourceId, definition },
    ...(isObject(event) && { event: eventView(event) }),
    ...(isObject(snapshot) && { snapshot: snapshotView(snapshot) }),
  }
  return kept as unknown as T
}

function eventView(event: object): EventView {
  const { type, failure } = event as Readonly<Record<string, unknown>>
  const facts = pick(event, eventFacts)
  return { type: String(type), ...facts, ...(isObject(failure) && { failure: pick(failure, failureFacts) }) }
}

function snapshotView(snapshot: object): SnapshotView {
  const { status, value, tags, context, children } = snapshot as Readonly<Record<string, unknown>>
  const error = isObject(context) && isObject(context['error']) ? { error: pick(context['error'], failureFacts) } : {}
  return {
    status: String(status),
    ...(value !== undefined && { value }),
    ...(tags instanceof Set && { tags: [...tags].map(String) }),
    ...(isObject(context) && value !== undefined && { context: { ...pick(context, contextFacts), ...error } }),
    ...(isObject(children) && { children: Object.fromEntries(Object.keys(children).map((id) => [id, {}])) }),
  }
}

function pick(from: object, facts: Readonly<Record<string, Kind>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(from).filter(([key, value]) => Object.hasOwn(facts, key) && typeof value === facts[key]),
  )
}

function parentOf(actorRef: object): string | undefined {
  return (actorRef as { _parent?: { sessionId: string } })._parent?.sessionId
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
