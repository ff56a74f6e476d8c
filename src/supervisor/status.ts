import type { Policy } from '../config/defaults.js'
import type { TransportKind } from '../config/entry.js'
import type { ServerStateName } from '../events.js'
import type { ServerContext } from '../machines/server.context.js'
import { flatState } from '../machines/server.context.js'
import { type ServerIdentity, identityOf } from '../messages.js'

/** What a server is doing now, read from its actor. */
export interface ServerStatus {
  readonly name: string
  /** The lease, when it is the status of one. */
  readonly lease?: number
  readonly state: ServerStateName
  /** `state === "ready"`. */
  readonly connected: boolean
  /** False when the entry is invalid or could not be resolved, and for a name that is not configured. */
  readonly initialized: boolean
  /** Why it is not ready, or why its tools could not be listed; empty when there is nothing to say. */
  readonly error: string
  readonly transport: TransportKind | null
  /** Connections opened so far. */
  readonly generation: number
  readonly pid?: number
  /** The attempt of the current series, counted from 1; 0 when none is under way. */
  readonly attempt: number
  /** Restarts after a loss, over the whole life of the server. */
  readonly restarts: number
  /** Epoch milliseconds. */
  readonly nextRetryAt?: number
  /** That may be seen and called. */
  readonly tools?: number
  /** Tools that wait for approval; absent when there are none. */
  readonly held?: number
  readonly protocolVersion?: string
  /** Whose a session is, where not all calls share one. */
  readonly session?: Exclude<Policy['session'], 'shared'>
  readonly inFlight: number
  readonly queued: number
  /** Epoch milliseconds at which it entered its state. */
  readonly since: number
}

export function statusOf(
  snapshot: { value: unknown; context: ServerContext },
  { queued, inFlight, held }: { queued: number; inFlight: number; held: number },
): ServerStatus {
  const { name, lease, entry, error, generation, attempt, restarts, nextRetryAt, connection, since } = snapshot.context
  const state = flatState(snapshot.value)
  const { pid, tools, protocolVersion, listingError } = connection ?? {}
  return {
    name,
    state,
    connected: state === 'ready',
    initialized: error?.code !== 'CONFIG_INVALID' && error?.code !== 'CONFIG_UNRESOLVED',
    error: error?.message ?? listingError ?? '',
    transport: entry.transport,
    generation,
    attempt,
    restarts,
    inFlight,
    queued,
    since,
    ...(lease !== undefined && { lease }),
    ...(entry.policy.session !== 'shared' && { session: entry.policy.session }),
    ...(pid !== undefined && { pid }),
    ...(nextRetryAt !== null && { nextRetryAt }),
    ...(tools !== undefined && { tools }),
    ...(held > 0 && { held }),
    ...(protocolVersion !== undefined && { protocolVersion }),
  }
}

/** The status of a name that has no actor: unknown, disabled, stopped, or closed with the supervisor. */
export function absentStatus(of: ServerIdentity, isConfigured: boolean, since: number, error = ''): ServerStatus {
  return {
    ...identityOf(of),
    state: 'closed',
    connected: false,
    initialized: isConfigured,
    error,
    transport: null,
    generation: 0,
    attempt: 0,
    restarts: 0,
    inFlight: 0,
    queued: 0,
    since,
  }
}
