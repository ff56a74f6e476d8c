import type { SettledCall } from '../calls/ledger.js'
import { nameOf } from '../calls/work-name.js'
import type { EventOf, ServerStateName, SupervisorEvent } from '../events.js'
import type { ServerContext } from '../machines/server.context.js'
import type { ServerIdentity } from '../messages.js'

/** Whom an event is about. */
export function about({ name, lease }: ServerIdentity): { server: string; lease?: number } {
  return lease === undefined ? { server: name } : { server: name, lease }
}

/** A state that a server entered, as the event that tells it. */
export function stateChanged(
  from: ServerStateName | null,
  to: ServerStateName,
  at: number,
  context: ServerContext,
): EventOf<'state.changed'> {
  const { generation, attempt, restarts, connection, nextRetryAt, error } = context
  return {
    type: 'state.changed',
    ...about(context),
    from,
    to,
    at,
    generation,
    attempt,
    restarts,
    ...(connection?.pid !== undefined && { pid: connection.pid }),
    ...(connection?.tools !== undefined && { tools: connection.tools }),
    ...(nextRetryAt !== null && { nextRetryAt }),
    ...(error && { error }),
  }
}

/** A settled call, as the event that tells it: what was called, never with what. */
export function callSettled({ callId, carrier, work, durationMs, failure }: SettledCall): SupervisorEvent {
  return { type: 'call.settled', ...about(carrier), callId, ...nameOf(work), durationMs, ...(failure && { failure }) }
}
