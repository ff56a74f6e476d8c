import { type Failure, failure } from '../errors.js'
import type { ServerStateName } from '../events.js'
import { type ConnectionInfo, type EntryRef, type ServerIdentity, identityOf } from '../messages.js'
import type { StopReason } from './server.events.js'

/** Why a live server is closing, and so where `closing` leads. */
export type Closing =
  | { readonly then: 'stop'; readonly reason: StopReason }
  /** Resolve the entry again, which may be a new one, and connect if anybody waits. */
  | { readonly then: 'adopt' }
  /** Unused for long: back to `idle`. */
  | { readonly then: 'rest' }

/** Plain data only: no promise, no secret, no client. */
export interface ServerContext extends ServerIdentity {
  readonly entry: EntryRef
  /** A new configuration that waits for the old one to close. */
  readonly nextEntry: EntryRef | null
  readonly closing: Closing | null
  /** Ids of the calls that wait, in order of arrival. */
  readonly queue: readonly number[]
  /** Connections opened so far; the current one is the last. */
  readonly generation: number
  /** The attempt of the current series, counted from 1; 0 before the first. */
  readonly attempt: number
  /** Failures in a row without a stable time between; sets the delay of the next retry. */
  readonly failures: number
  /** Times the circuit opened in a row without a stable time between; sets the cool-down. */
  readonly trips: number
  /** Times of the restarts that still count against the intensity. */
  readonly restartTimes: readonly number[]
  readonly restarts: number
  readonly error: Failure | null
  readonly delayMs: number
  readonly nextRetryAt: number | null
  readonly connection: ConnectionInfo | null
  readonly since: number
}

export interface ServerInput extends ServerIdentity {
  readonly entry: EntryRef
}

export function initialContext(input: ServerInput, now: number): ServerContext {
  return {
    ...identityOf(input),
    entry: input.entry,
    nextEntry: null,
    closing: null,
    queue: [],
    generation: 0,
    attempt: 0,
    failures: 0,
    trips: 0,
    restartTimes: [],
    restarts: 0,
    error: null,
    delayMs: 0,
    nextRetryAt: null,
    connection: null,
    since: now,
  }
}

/** Why a call that meets an open circuit fails at once. Authorization keeps its code, so that a caller can act on it. */
export function unavailable({ name, error, nextRetryAt }: ServerContext): Failure {
  if (!error) return failure('SERVER_UNAVAILABLE', `Server "${name}" is unavailable`)
  const { exitCode, signal, stderrTail } = error
  const isAuthorization = error.code === 'AUTH_REQUIRED' || error.code === 'AUTH_FAILED'
  return failure(
    isAuthorization ? error.code : 'SERVER_UNAVAILABLE',
    `Server "${name}" is unavailable: ${error.message}`,
    {
      server: name,
      phase: 'queue',
      retryable: nextRetryAt !== null,
      cause: error,
      ...(nextRetryAt !== null && { nextRetryAt }),
      ...(exitCode !== undefined && { exitCode }),
      ...(signal !== undefined && { signal }),
      ...(stderrTail !== undefined && { stderrTail }),
    },
  )
}

/** Why the calls that waited fail when the circuit opens: the failure itself, though none of them was sent. */
export function brokenCircuit(context: ServerContext): Failure {
  const { error, nextRetryAt } = context
  return error ? { ...error, delivered: 'no', ...(nextRetryAt !== null && { nextRetryAt }) } : unavailable(context)
}

/** Why a call fails whose server is stopped, or was. */
export function stopped(name: string, reason: StopReason): Failure {
  if (reason === 'removed')
    return failure('SERVER_REMOVED', `Server "${name}" was removed from the configuration`, { server: name })
  if (reason === 'halted')
    return failure('SERVER_UNAVAILABLE', `Server "${name}" was stopped`, { server: name, retryable: false })
  const message =
    reason === 'released'
      ? `The lease of server "${name}" is closed`
      : `Server "${name}" is closing with its supervisor`
  return failure('SHUTDOWN', message, { server: name, phase: 'shutdown' })
}

/** Why a call fails whose server is stopped or restarted before it was answered. */
export function terminated({ name, closing }: ServerContext): Failure {
  if (closing?.then === 'stop') return stopped(name, closing.reason)
  return failure('CONNECTION_LOST', `Server "${name}" was restarted before it answered`, { server: name })
}

/** A failure that waiting cannot mend is never retried by itself. */
export function isPermanent(of: Failure): boolean {
  return !of.retryable
}

/** Whether an error says that the entry itself could not be used, so that nothing was ever started. */
export function isOfConfiguration(of: Failure | null): boolean {
  return of !== null && (of.code === 'CONFIG_INVALID' || of.code === 'CONFIG_UNRESOLVED')
}

/** The flat public name of a state value of the machine. A server that waits for its turn to start is `connecting`. */
export function flatState(value: unknown): ServerStateName {
  if (typeof value === 'string') return value as ServerStateName
  const { live } = value as { live: string | { closing: string } }
  if (typeof live !== 'string') return 'closing'
  return live === 'waiting' ? 'connecting' : (live as ServerStateName)
}
