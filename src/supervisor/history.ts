import type { Failure } from '../errors.js'
import type { EventOf, ServerStateName } from '../events.js'
import type { ServerContext } from '../machines/server.context.js'
import type { SettledCall } from '../calls/ledger.js'
import type { ServerIdentity } from '../messages.js'
import { nameOf } from '../calls/work-name.js'
import { because } from './because.js'
import { pushBounded } from './bounded-list.js'

/** A state that a server entered, and why. */
export interface Transition {
  /** Epoch milliseconds. */
  readonly at: number
  readonly from: ServerStateName | null
  readonly to: ServerStateName
  readonly because: string
  readonly generation: number
  readonly attempt: number
  readonly restarts: number
  readonly pid?: number
  readonly nextRetryAt?: number
  readonly error?: Failure
}

/** A call that came to nothing: what was called, never with what. */
export interface FailedCall {
  readonly at: number
  readonly callId: number
  readonly method: string
  readonly tool?: string
  readonly durationMs: number
  readonly failure: Failure
}

/** A line of a server's stderr: control characters escaped, secrets masked. */
export interface StderrLine {
  readonly at: number
  readonly line: string
}

/** What lately became of one server. */
export interface ServerHistory {
  readonly timeline: readonly Transition[]
  readonly failedCalls: readonly FailedCall[]
  readonly stderr: readonly StderrLine[]
}

/** The recent past of every server that is shared, in bounded memory, so that it can be explained when somebody asks. */
export interface History {
  entered(event: EventOf<'state.changed'>, context: ServerContext): void
  failed(call: SettledCall, at: number): void
  wrote(server: ServerIdentity, line: StderrLine): void
  of(server: string): ServerHistory
}

const limits = { timeline: 32, failedCalls: 10, stderr: 20 }

interface Lists {
  readonly timeline: Transition[]
  readonly failedCalls: FailedCall[]
  readonly stderr: StderrLine[]
}

export function createHistory(): History {
  const servers = new Map<string, Lists>()

  function listsOf(server: string): Lists {
    const lists = servers.get(server) ?? { timeline: [], failedCalls: [], stderr: [] }
    servers.set(server, lists)
    return lists
  }

  return {
    entered(event, context) {
      const { type: _type, server, lease, ...entered } = event
      if (lease !== undefined) return
      if (entered.to === 'closed') return void servers.delete(server)
      const transition = { ...entered, because: because(entered.from, entered.to, context) }
      pushBounded(listsOf(server).timeline, transition, limits.timeline)
    },
    failed({ server: { name, lease }, callId, work, durationMs, failure }, at) {
      // Calls that fail with the end of their server do not bring its history back.
      const lists = servers.get(name)
      if (!failure || !lists || lease !== undefined) return
      pushBounded(lists.failedCalls, { at, callId, ...nameOf(work), durationMs, failure }, limits.failedCalls)
    },
    wrote({ name, lease }, line) {
      const lists = servers.get(name)
      if (lists && lease === undefined) pushBounded(lists.stderr, line, limits.stderr)
    },
    of(server) {
      const { timeline = [], failedCalls = [], stderr = [] } = servers.get(server) ?? {}
      return {
        timeline: timeline.slice(-limits.timeline),
        failedCalls: failedCalls.slice(-limits.failedCalls),
        stderr: stderr.slice(-limits.stderr),
      }
    },
  }
}
