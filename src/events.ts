/** Everything a host can observe, as one union of plain data. No event holds a secret or the arguments of a tool. */
import type { ServersDiff } from './config/diff.js'
import type { LocatedFinding } from './config/load.js'
import type { Failure, SupervisorError } from './errors.js'
import type { LogLevel } from './mcp.js'

/** The public states of a server. */
export type ServerStateName =
  | 'uninitialized'
  | 'idle'
  | 'connecting'
  | 'timedOut'
  | 'retrying'
  | 'ready'
  | 'failed'
  | 'closing'
  | 'closed'

/** What a reload changed, by name. */
export interface ReloadChanges extends ServersDiff {
  /** Servers whose entry is valid but could not be resolved, with the reason. */
  readonly failed: Readonly<Record<string, string>>
}

/** What a reload did; or why it was refused as a whole. */
export type ReloadReport =
  | ({ readonly ok: true } & ReloadChanges)
  | { readonly ok: false; readonly error: SupervisorError }

/** How the end went: `closed` of `total` servers and leases left nothing behind. */
export interface CloseReport {
  readonly total: number
  readonly closed: number
  /** Servers that could not be ended, with the reason. */
  readonly errors: Readonly<Record<string, string>>
  /** The gentlest step that ended each server that was running. */
  readonly endedBy: Readonly<Record<string, string>>
  /** Leases that had not ended before, or could not be; absent when there are none. */
  readonly leases?: readonly ClosedLease[]
}

export interface ClosedLease {
  readonly server: string
  readonly lease: number
  /** The gentlest step that ended it, when it was running. */
  readonly endedBy?: string
  /** Why it could not be ended. */
  readonly error?: string
}

/** A tool that is neither shown nor called, because nobody has approved its definition. */
export interface HeldTool {
  readonly name: string
  /**
   * Its definition differs from the approved one, or there is none of that name; `server-changed`: the server is started or
   * reached in another way than the approved one, or what was approved cannot be read any more.
   */
  readonly reason: 'new' | 'changed' | 'server-changed'
  /** SHA-256 of the whole definition. */
  readonly digest: string
  /** That of the approved definition of the same name, if there is one. */
  readonly pinned?: string
}

export type SupervisorEvent =
  /** A server entered a state; `timedOut` is told too, though it lasts no time. */
  | {
      readonly type: 'state.changed'
      readonly server: string
      /** The lease, when it is about the private copy of one. */
      readonly lease?: number
      readonly from: ServerStateName | null
      readonly to: ServerStateName
      /** Epoch milliseconds. */
      readonly at: number
      readonly generation: number
      readonly attempt: number
      readonly restarts: number
      readonly pid?: number
      readonly tools?: number
      readonly nextRetryAt?: number
      readonly error?: Failure
    }
  /** A call was answered or failed. Told of each call exactly once. */
  | {
      readonly type: 'call.settled'
      readonly server: string
      readonly lease?: number
      readonly callId: number
      readonly method: string
      readonly tool?: string
      readonly durationMs: number
      readonly failure?: Failure
    }
  /** One line of a server's stderr: control characters escaped, secrets masked, its rate bounded. */
  | { readonly type: 'stderr.written'; readonly server: string; readonly lease?: number; readonly line: string }
  /**
   * A notification of the server that is not progress. It was said of the `server` itself when no call was in flight, during
   * a `call` that can be told, or it is `unclear` during which of several, those counted that were given up.
   */
  | {
      readonly type: 'notification.received'
      readonly server: string
      readonly lease?: number
      readonly origin: 'server' | 'call' | 'unclear'
      readonly method: string
      readonly params: Readonly<Record<string, unknown>>
    }
  /**
   * A new session was asked for what callers had been granted by the one before: the updates of resources, and the log
   * level. What changed while the server was away, nobody has told; what `failed` is asked for again at the next session.
   */
  | {
      readonly type: 'session.restored'
      readonly server: string
      readonly lease?: number
      readonly resources: readonly string[]
      readonly logLevel?: LogLevel
      readonly failed: readonly {
        readonly method: 'resources/subscribe' | 'logging/setLevel'
        readonly uri?: string
        readonly failure: Failure
      }[]
    }
  /** A listing was read. `tools` counts those that may be called. Quarantined tools were left out of it; suspicious ones may mislead whoever reads them. */
  | {
      readonly type: 'tools.listed'
      readonly server: string
      readonly lease?: number
      readonly tools: number
      readonly quarantined: readonly { readonly name?: string; readonly reason: string }[]
      readonly suspicious: readonly { readonly name: string; readonly reason: string }[]
    }
  /** A listing differs from the one before, told or not: other names, or another definition under a known name. */
  | {
      readonly type: 'tools.changed'
      readonly server: string
      readonly added: readonly string[]
      readonly removed: readonly string[]
      /** SHA-256 of the whole definition, before and now. */
      readonly changed: readonly { readonly name: string; readonly from: string; readonly to: string }[]
    }
  /** A listing has tools that are held from now on. */
  | {
      readonly type: 'tools.held'
      readonly server: string
      readonly lease?: number
      readonly tools: readonly HeldTool[]
    }
  /** Somebody approved definitions: their tools may be seen and called. */
  | {
      readonly type: 'tools.approved'
      readonly server: string
      readonly tools: readonly { readonly name: string; readonly digest: string }[]
    }
  /** The server asks for authorization, and a person has to log in: at `url`, or by `authorize`. */
  | { readonly type: 'auth.required'; readonly server: string; readonly url?: string }
  /** Somebody has logged in, here or in another process. */
  | { readonly type: 'auth.completed'; readonly server: string }
  /** The token store fails. What is in it stays as it was; what is new is kept in memory. */
  | { readonly type: 'auth.unsaved'; readonly server: string; readonly message: string }
  /** A stored catalogue could not be used, or one could not be stored. What runs is not touched by it. */
  | { readonly type: 'catalog.unusable'; readonly server: string; readonly reason: string }
  /** The server did something that the protocol forbids and that did no harm. */
  | { readonly type: 'protocol.violated'; readonly server: string; readonly lease?: number; readonly detail: string }
  /** A reload has come to its end, or was refused as a whole. */
  | { readonly type: 'config.reloaded'; readonly report: ReloadReport }
  /** The watched configuration file changed and cannot be used: what runs stays as it was. */
  | {
      readonly type: 'config.refused'
      readonly path: string
      readonly error: Failure
      /** The errors in the file, in its order; none when it could not be read at all. */
      readonly findings: readonly LocatedFinding[]
    }
  /** A server actor broke: a bug in mcpvisor. The server was spawned anew. As `*`, the supervisor itself broke, and all ended. */
  | { readonly type: 'server.crashed'; readonly server: string; readonly lease?: number; readonly message: string }
  | { readonly type: 'supervisor.closed'; readonly report: CloseReport }

export type SupervisorEventType = SupervisorEvent['type']
export type EventOf<T extends SupervisorEventType> = Extract<SupervisorEvent, { type: T }>
