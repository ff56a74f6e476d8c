import type { ServerStateName } from '../events.js'
import type { ServerContext } from '../machines/server.context.js'

type Known = Pick<ServerContext, 'queue' | 'entry' | 'closing' | 'error'>

/** Why a server entered a state, in a few words; the failure behind it is told beside. */
export function because(from: ServerStateName | null, to: ServerStateName, context: Known): string {
  const { queue, entry, error } = context
  switch (to) {
    case 'uninitialized':
      return beginning(from)
    case 'idle':
      return from === 'closing' ? 'nobody needs it any more' : 'its configuration is resolved, nobody needs it yet'
    case 'connecting':
      if (from === 'retrying') return 'the back-off is over, or somebody asked for it'
      if (from === 'failed') return queue.length > 0 ? 'somebody asked for it' : 'the cool-down is over: one probe'
      return queue.length > 0
        ? 'it is needed'
        : entry.policy.start === 'eager'
          ? 'it starts eagerly'
          : 'it was asked to'
    case 'ready':
      return 'handshake and first listing are done'
    case 'timedOut':
      return 'the attempt passed its deadline'
    case 'retrying':
      return from === 'ready' ? 'the connection was lost' : 'the attempt failed, and waiting may help'
    case 'failed':
      return error && !error.retryable ? 'waiting cannot mend this' : 'too many attempts failed in a row'
    case 'closing':
      return ending(context)
    case 'closed':
      return 'it was stopped'
  }
}

function beginning(from: ServerStateName | null): string {
  if (from === null) return 'it is configured'
  return from === 'closing' ? 'its configuration is read anew' : 'it begins afresh: restarted, or configured anew'
}

function ending({ closing }: Known): string {
  if (closing?.then === 'rest') return 'nobody needs it any more'
  if (closing?.then === 'adopt') return 'it is restarted, or configured anew'
  if (closing?.reason === 'halted') return 'it was stopped'
  return closing?.reason === 'removed' ? 'it was removed from the configuration' : 'its supervisor closes'
}
