import type { Policy } from '../config/defaults.js'
import type { ReloadChanges } from '../events.js'
import type { EntryRef } from '../messages.js'
import type { ServerReport } from './server.events.js'

/** One server of the configuration that a reload wants. */
export interface TargetServer {
  readonly name: string
  readonly entry: EntryRef
}

export type SupervisorCommand =
  /**
   * Makes the servers exactly those of `target`; the first one, at the start, spawns them all. `digests` gives the
   * identity of each resolved entry, wanted or in force, by entry id: equal digests leave a server untouched. A server
   * that is not in `target` ends because it was removed, or stopped if it is among `halted`.
   */
  | {
      type: 'reload'
      reloadId: number
      target: readonly TargetServer[]
      digests: Readonly<Record<string, string>>
      halted?: readonly string[]
    }
  /** Spawns a private copy of a server that is configured; `own` is what of the policy is its own. */
  | { type: 'lease'; lease: number; name: string; own: Partial<Policy> }
  /** Ends one. */
  | { type: 'release'; lease: number }
  | { type: 'close' }

export type SupervisorMachineEvent =
  | SupervisorCommand
  | ServerReport
  /** From the watcher: the configuration file has other content than before. */
  | { type: 'config.changed' }
  | { type: 'xstate.done.actor.*'; actorId: string }
  | { type: 'xstate.error.actor.*'; actorId: string; error: unknown }

/** What the supervisor tells whoever listens with `actor.on`. */
export type SupervisorEmitted =
  /** Every server that a reload touched has adopted its entry or is closed. */
  | { type: 'reload.settled'; reloadId: number; changes: ReloadChanges }
  /** The actor of a lease is gone; or it never was, for there is no such server any more. */
  | { type: 'lease.ended'; name: string; lease: number }
