import type { SettledCall } from '../calls/ledger.js'
import { nameOf } from '../calls/work-name.js'
import type { EventOf, ServerStateName, SupervisorEvent } from '../events.js'
import type { ServerContext } from '../machines/server.context.js'

/** A state that a server entered, as the event that tells it. */
export function stateChanged(
  from: ServerStateName | null,
  to: ServerStateName,
  at: number,
  context: ServerContext,
): EventOf<'state.changed'> {
  const { name, generation, attempt, restarts, connection, nextRetryAt, error } = context
  return {
    type: 'state.changed',
    server: name,
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
export function callSettled({ callId, server, work, durationMs, failure }: SettledCall): SupervisorEvent {
  return { type: 'call.settled', server, callId, ...nameOf(work), durationMs, ...(failure && { failure }) }
}
