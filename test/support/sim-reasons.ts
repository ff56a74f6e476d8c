import type { ServerContext } from '../../src/machines/server.context.js'
import type { ServerStateName } from '../../src/events.js'
import { type ServerIdentity, actorId } from '../../src/messages.js'

/** What the judge remembers of one server. */
interface Steps {
  state: ServerStateName | null
  /** Its entry could not be resolved. */
  isUnresolved: boolean
  /** A caller asked for a new start, which has not begun. */
  isRestarted: boolean
  /** It closes because nobody needs it, and nobody has asked for another reason since. */
  isResting: boolean
}

/** States in which a restart has begun, or is no longer to come. */
const restarting: ReadonlySet<ServerStateName> = new Set(['closing', 'uninitialized', 'closed'])
/** All that a server without a valid entry may be. */
const refused: ReadonlySet<ServerStateName> = new Set(['uninitialized', 'failed', 'closed'])

/** Judges whether each step of a server is the one that was asked for: that it starts when it is wanted, and only then. */
export function createReasonJudge(violate: (what: string) => void) {
  const records = new Map<string, Steps>()
  const recordOf = (id: string): Steps => {
    const record = records.get(id) ?? { state: null, isUnresolved: false, isRestarted: false, isResting: false }
    records.set(id, record)
    return record
  }

  return {
    forget: (of: ServerIdentity) => void records.delete(actorId(of)),
    unresolved: (of: ServerIdentity) => void (recordOf(actorId(of)).isUnresolved = true),
    restarted(of: ServerIdentity): void {
      const record = recordOf(actorId(of))
      // Who has no valid entry is not started.
      record.isRestarted = record.state !== 'failed'
      record.isResting = false
    },
    /** Any server may have another entry now. */
    reloaded: () => records.forEach((record) => (record.isResting = false)),

    announced(state: ServerStateName, context: ServerContext): void {
      const id = actorId(context)
      const record = recordOf(id)
      const { entry, queue, closing } = context
      const { state: from } = record
      const blame = (what: string) => violate(`${id} ${what} (${from} → ${state})`)
      const isWanted = queue.length > 0 || entry.policy.start === 'eager'
      if (from === 'uninitialized' && state === 'idle' && isWanted) blame('rests although it is wanted')
      if (from === 'uninitialized' && state === 'connecting' && !isWanted) blame('starts unasked')
      if (entry.invalid && !refused.has(state)) blame('has no valid entry')
      if (record.isUnresolved && from === 'failed' && state === 'connecting')
        blame('has an entry that was not resolved')
      if (record.isRestarted && !restarting.has(state)) blame('does not restart')
      if (record.isResting && state === 'uninitialized') blame('resolves its entry anew after a rest')
      if (state === 'closing' && !closing) blame('does not know why it closes')
      record.state = state
      if (state !== 'closing') record.isRestarted = false
      if (state === 'uninitialized') record.isUnresolved = false
      record.isResting = state === 'closing' && closing?.then === 'rest'
    },
  }
}
