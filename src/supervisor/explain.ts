import type { Ledger } from '../calls/ledger.js'
import { nameOf } from '../calls/work-name.js'
import type { Clock } from '../clock.js'
import type { Failure } from '../errors.js'
import type { History, ServerHistory } from './history.js'
import type { Servers } from './servers.js'
import { type Facts, remedyOf, summaryOf } from './explain-words.js'
import type { ServerStatus } from './status.js'

/** Why a server is ready or is not: plain data without secrets. */
export interface Explanation extends ServerHistory {
  readonly name: string
  /** Epoch milliseconds at which it was true. */
  readonly at: number
  readonly status: ServerStatus
  /** One sentence, or two. */
  readonly summary: string
  /** What to do about it; empty when there is nothing to do. */
  readonly remedy: string
  /** The failure that stands, with exit code, signal and the end of stderr where there are any. */
  readonly cause?: Failure
  /** Attempts that a series may have: the first and the retries. */
  readonly maxAttempts: number
  /** Calls that wait or are in flight, the oldest first; at most 100. */
  readonly calls: readonly OpenCall[]
}

/** A call that has not settled: what is called, never with what. */
export interface OpenCall {
  readonly callId: number
  readonly method: string
  readonly tool?: string
  /** Epoch milliseconds at which it was booked. */
  readonly since: number
  /** The server may have it: it no longer waits. */
  readonly isInFlight: boolean
}

export interface ExplainPorts {
  readonly servers: Servers
  readonly history: History
  readonly ledger: Ledger
  readonly clock: Clock
  readonly status: (name: string) => ServerStatus
}

/** Makes the function that says why a server is in the state it is in. It never throws. */
export function createExplain({ servers, history, ledger, clock, status }: ExplainPorts) {
  return (name: string): Explanation => {
    const context = servers.has(name) ? servers.actor({ name })?.getSnapshot().context : undefined
    const facts: Facts = {
      at: clock.now(),
      status: status(name),
      isConfigured: servers.has(name),
      isSupervised: context !== undefined,
      isStopped: servers.halted.has(name),
      maxAttempts: (context?.entry.policy.retries ?? 0) + 1,
      ...(context?.error && { cause: context.error }),
    }
    const { at, maxAttempts, cause } = facts
    return {
      name,
      at,
      status: facts.status,
      summary: summaryOf(name, facts),
      remedy: remedyOf(facts),
      ...(cause && { cause }),
      maxAttempts,
      calls: ledger.list({ name }, callLimit).map(({ work, ...call }) => ({ ...call, ...nameOf(work) })),
      ...history.of(name),
    }
  }
}

const callLimit = 100
