import type { ConnectionReport, EntryRef, PrepareReport, ServerIdentity } from '../messages.js'

/** Why a server is stopped for good. */
export type StopReason = 'removed' | 'halted' | 'released' | 'shutdown'

/** What the façade and the supervisor tell a server. Calls are ids: their content stays in the ledger. */
export type ServerCommand =
  | { type: 'call'; callId: number }
  | { type: 'cancel'; callId: number }
  | { type: 'queue.expired'; callId: number }
  | { type: 'connect'; callId: number }
  /** As `connect`; a server at rest makes one attempt and no retries. */
  | { type: 'probe'; callId: number }
  | { type: 'restart'; callId: number }
  | { type: 'reconfigure'; entry: EntryRef }
  | { type: 'stop'; reason: StopReason }

/** What a server tells its supervisor: the entry of that id is in force, or cannot be and why. */
export interface ServerReport extends ServerIdentity {
  readonly type: 'server.adopted'
  readonly entryId: string
  readonly error?: string
}

export type ServerEvent = ServerCommand | ConnectionReport | PrepareReport
