/**
 * What a server machine and its actors tell each other. Neither half imports the other: both import this page.
 * Plain data only; a call is its id, a configuration is a handle.
 */
import type { Policy } from './config/defaults.js'
import type { TransportKind } from './config/entry.js'
import type { Failure } from './errors.js'

/** Which actor of a server is meant: the one that all callers of its name share, or the private copy of a lease. */
export interface ServerIdentity {
  readonly name: string
  /** Counted from 1 in one supervisor; absent for the shared one. */
  readonly lease?: number
}

/** Ids of the two kinds of actors. A name comes after a prefix and a lease is a number: none can pass for the other. */
export const serverId = (name: string): string => `server:${name}`
export const leaseId = (lease: number): string => `lease:${lease}`

export function actorId({ name, lease }: ServerIdentity): string {
  return lease === undefined ? serverId(name) : leaseId(lease)
}

/** An identity without whatever else the object holds. */
export function identityOf({ name, lease }: ServerIdentity): ServerIdentity {
  return lease === undefined ? { name } : { name, lease }
}

/** A server's configuration as the machines know it: a handle to the definition, which holds the secrets, and the policy. */
export interface EntryRef {
  /** Names one configuration of one server; a changed entry is another id. */
  readonly id: string
  readonly transport: TransportKind
  readonly policy: Policy
  /** Why an entry that cannot be parsed never connects. */
  readonly invalid?: Failure
}

export interface PrepareInput extends ServerIdentity {
  readonly entry: EntryRef
}

/** From the actor that resolves placeholders to its server. */
export type PrepareReport = { type: 'entry.resolved' } | { type: 'entry.unresolved'; failure: Failure }

export interface ConnectionInput extends ServerIdentity {
  readonly entry: EntryRef
  /** How many connections the server has had, this one included. */
  readonly generation: number
  /** The attempt of the current series, counted from 1. */
  readonly attempt: number
}

/** From a server to its connection. */
export type ConnectionCommand =
  | { type: 'call'; callId: number }
  | { type: 'cancel'; callId: number }
  | { type: 'queue.expired'; callId: number }
  /** Accept nothing more, finish what is in flight. */
  | { type: 'drain' }
  /** End the transport step by step; what is still in flight fails with `failure`. */
  | { type: 'terminate'; failure: Failure }

/** What a connection has learnt of its server when it is up. */
export interface ConnectionInfo {
  readonly pid?: number
  readonly protocolVersion: string
  /** Absent when the first listing failed; `listingError` then says why. */
  readonly tools?: number
  readonly listingError?: string
}

/** From a connection to its server. `unsent` are calls that surely never reached it: they wait for the next connection. */
export type ConnectionReport =
  /** The process before is still ending, or too many servers are starting: nothing of this attempt has begun. */
  | { type: 'connection.waiting' }
  | { type: 'connection.admitted' }
  | ({ type: 'connection.up' } & ConnectionInfo)
  | { type: 'connection.failed'; failure: Failure }
  | { type: 'connection.lost'; failure: Failure; unsent: readonly number[] }
  | { type: 'connection.drained'; unsent: readonly number[] }
  | { type: 'connection.closed'; unsent: readonly number[] }
  | { type: 'connection.unused' }
  | { type: 'tools.listed'; tools: number }
