import type { Logger } from 'pino'
import type { ActorRef, InspectionEvent, Observer, Snapshot } from 'xstate'

import type { Handlers, Notification } from './calls/handlers.js'
import type { Telemetry, TraceContext } from './calls/telemetry.js'
import type { Catalog } from './catalogs/catalog.js'
import type { CatalogStore } from './catalogs/store.js'
import type { Clock } from './clock.js'
import type { Policy } from './config/defaults.js'
import type { CloseReport, EventOf, ReloadReport, SupervisorEvent, SupervisorEventType } from './events.js'
import type { SupervisorCommand, SupervisorEmitted } from './machines/supervisor.events.js'
import type {
  CallToolResult,
  CompletionReference,
  CompletionResult,
  GetPromptResult,
  LogLevel,
  Progress,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplate,
  Tool,
} from './mcp.js'
import type { AuthorizeOptions, LogoutReport } from './supervisor/authorization.js'
import type { WaitOptions } from './supervisor/call-terms.js'
import type { Unsubscribe } from './supervisor/event-bus.js'
import type { EventsDropped } from './supervisor/event-stream.js'
import type { Explanation } from './supervisor/explain.js'
import type { ServerStatus } from './supervisor/status.js'
import type { TestConnectionOptions } from './supervisor/test-connection.js'
import type { TokenStore } from './token-store.js'

export interface SupervisorOptions {
  /** Receives one structured record per event. Default: silent. */
  readonly logger?: Logger
  /** Hears every actor, event and snapshot of the system, as XState tells them. No secret is among them. */
  readonly inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void)
  /** Where placeholders are looked up. Default: `process.env`, read when a server is resolved. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default: the monotonic clock and the timers of the system. */
  readonly clock?: Clock
  /** Servers that may be starting at the same time; the others wait for their turn. Default: 8. */
  readonly maxStarting?: number
  /** Supervision defaults for every server, below those of the configuration. */
  readonly defaults?: Partial<Policy>
  /** Path of the file the configuration was read from: relative `envFile`s are looked up beside it. */
  readonly configPath?: string
  /**
   * Follows the file at `configPath`: another content is reloaded, a broken one refused with the event `config.refused`.
   * Default: false.
   */
  readonly watch?: boolean
  /** Answers `${input:id}` placeholders. */
  readonly inputs?: (id: string) => string | undefined | Promise<string | undefined>
  /** What to answer when a server asks for a model, a person or a folder. A call may bring handlers of its own. */
  readonly handlers?: Handlers
  /** Where tokens of authorization servers are kept. Default: in memory, as long as the supervisor lives. */
  readonly tokenStore?: TokenStore
  /** Where catalogues outlive this process, so that they are known before a server is started. Default: nowhere. */
  readonly catalogStore?: CatalogStore
  /** Traces and measures calls and connections: `createTelemetry` of `mcpvisor/otel`. Default: nobody does, at no cost. */
  readonly telemetry?: Telemetry
  /** How we introduce ourselves to servers. */
  readonly clientInfo?: { readonly name: string; readonly version: string }
}

export interface RequestOptions extends WaitOptions {
  readonly onProgress?: (progress: Progress) => void
  /**
   * Answer what the server asks during this request, over those of the supervisor. A server of an earlier revision than
   * 2026-07-28 only asks for what the supervisor has handlers for.
   */
  readonly handlers?: Handlers
  /** Hears what the server says during this request, but progress: every notification that surely belongs to it. */
  readonly onNotification?: (notification: Notification) => void
  /**
   * The least severe log messages that the server should send during this request, whatever `setLogLevel` has chosen. Told to
   * servers of 2026-07-28, which have a level for each request.
   */
  readonly logLevel?: LogLevel
  /**
   * Requests with the same owner may be taken for each other: what a server asks or says while several are in flight, or
   * soon after one was given up, and all have one owner, belongs to one of them. Without, such a question is refused, for it
   * may be another's. Default: the lease, for the requests of one.
   */
  readonly owner?: object
  /**
   * The trace that the request belongs to, for callers that were given one in a message; a gateway passes it on. What is
   * active when the method is called need not be told: telemetry sees it.
   */
  readonly traceContext?: TraceContext
}

export interface CompleteOptions extends RequestOptions {
  /** Arguments that are already known. */
  readonly context?: Readonly<Record<string, string>>
}

export interface CallOptions extends RequestOptions {
  /**
   * When a lost connection may be followed by sending the call again. `unsent`, the default: only when it surely did not
   * reach the server. `idempotent`: once more when it may have, if the tool is annotated idempotent or read-only.
   */
  readonly retry?: 'unsent' | 'idempotent'
}

export interface ListOptions extends WaitOptions {
  /** Asks the server even when what was listed last still holds. */
  readonly refresh?: boolean
  /**
   * `allow`: while the server is away, resolves to the tools of its last good catalogue and starts nothing; `catalog` says
   * how old they are. Default: the server is started and asked.
   */
  readonly stale?: 'allow'
}

export interface ItemListOptions extends RequestOptions {
  /** Asks the server even when what was listed last still holds. */
  readonly refresh?: boolean
}

export interface LeaseOptions {
  /** `eager` connects at once. Default: `lazy`, on first use, whatever the entry says. */
  readonly start?: 'lazy' | 'eager'
  /** What to answer when the server of this lease asks, over those of the supervisor. A call may bring its own. */
  readonly handlers?: Handlers
}

/** The methods of `Supervisor` that concern one server, and that a lease has too. */
export type ServerMethods = Pick<
  Supervisor,
  | 'connect'
  | 'testConnection'
  | 'listTools'
  | 'callTool'
  | 'listResources'
  | 'listResourceTemplates'
  | 'readResource'
  | 'subscribe'
  | 'unsubscribe'
  | 'listPrompts'
  | 'getPrompt'
  | 'complete'
  | 'setLogLevel'
  | 'ping'
  | 'restart'
>

type WithoutName<F> = F extends (name: string, ...rest: infer R) => infer T ? (...rest: R) => T : never

type OfOneServer = { readonly [K in keyof ServerMethods]: WithoutName<ServerMethods[K]> }

/**
 * A private copy of a configured server: a process or session of its own that nobody else uses, started on its first use,
 * healed by the same policy, with counters and a circuit of its own. A reload changes it as it changes its server; when
 * the server is removed, calls fail with `SERVER_REMOVED`.
 *
 * The supervisor owns it. It lives until it is closed, its server is removed, or the supervisor is closed: one that is
 * merely dropped keeps its process, unless `idleTimeoutMs` ends that.
 */
export interface Lease extends OfOneServer, AsyncDisposable {
  /** The name of the configured server. */
  readonly server: string
  /** Names the lease in events and status. */
  readonly id: number
  /** Never throws: `closed` once it has ended. */
  status(): ServerStatus
  /**
   * Calls in flight may finish within `drainTimeoutMs`; new ones fail with `SHUTDOWN`. Resolves when nothing of it is left.
   * Idempotent. @throws `SHUTDOWN` when its process could not be ended
   */
  close(): Promise<void>
}

/**
 * A running supervisor. Every promise settles exactly once and rejects with a `SupervisorError`; every wait has a
 * deadline, and every call takes an `AbortSignal`.
 */
export interface Supervisor extends AsyncDisposable {
  /** Names in configuration order, those that cannot start included. Empty once closed. */
  servers(): string[]
  /** The last accepted configuration, as it was given. */
  config(): { readonly mcpServers: Readonly<Record<string, unknown>> }
  /** Never throws: an unknown name is `closed` and not `initialized`. */
  status(name: string): ServerStatus
  statuses(): ServerStatus[]
  /** Why the server is ready or is not: its last transitions with their causes, failed calls, stderr, and what to do. Never throws. */
  explain(name: string): Explanation
  /** Resolves when the server is ready. An open circuit is tried at once. */
  connect(name: string, options?: WaitOptions): Promise<void>
  /** Connects and lists, in a few attempts with a deadline each. The connection is kept. @throws for unknown names */
  testConnection(name: string, options?: TestConnectionOptions): Promise<boolean>
  /** The last good catalogue, whatever the server does now; undefined when none is known. Starts nothing. */
  catalog(name: string): Catalog | undefined
  /**
   * Approves definitions of a server that pins its tools: those that are named, with the digest that was looked at, or all
   * that are held now. Resolves to what was held until then. It is in force at once, and stored in the background: `close` waits for that.
   * @throws `TOOL_HELD` when one of them is not held with that digest: nothing is approved then
   */
  approveTools(
    name: string,
    tools?: readonly { readonly name: string; readonly digest: string }[],
  ): Promise<readonly { readonly name: string; readonly digest: string }[]>
  /** All pages. From memory for as long as the server promises that they hold, or tells changes and told none. */
  listTools(name: string, options?: ListOptions): Promise<Tool[]>
  /** One call, executed at most once. A result with `isError` is a result, not a throw. */
  callTool(name: string, tool: string, args?: Record<string, unknown>, options?: CallOptions): Promise<CallToolResult>
  /** All pages, from memory as with tools, as every list. Empty for a server without resources. */
  listResources(name: string, options?: ItemListOptions): Promise<Resource[]>
  listResourceTemplates(name: string, options?: ItemListOptions): Promise<ResourceTemplate[]>
  readResource(name: string, uri: string, options?: RequestOptions): Promise<ReadResourceResult>
  /**
   * From now on updates of the resource are told as `notification.received`. Every later session of the server is asked for
   * it again, which `session.restored` tells, until `unsubscribe`, or until the server is removed.
   */
  subscribe(name: string, uri: string, options?: RequestOptions): Promise<void>
  /** Starts nothing: a server that is not ready will not be asked again, and that is all. */
  unsubscribe(name: string, uri: string, options?: RequestOptions): Promise<void>
  /** Empty for a server without prompts. */
  listPrompts(name: string, options?: ItemListOptions): Promise<Prompt[]>
  getPrompt(
    name: string,
    prompt: string,
    args?: Readonly<Record<string, string>>,
    options?: RequestOptions,
  ): Promise<GetPromptResult>
  /** Values that the argument may have, given what is typed of it. */
  complete(
    name: string,
    reference: CompletionReference,
    argument: { readonly name: string; readonly value: string },
    options?: CompleteOptions,
  ): Promise<CompletionResult>
  /**
   * From now on log messages of this level and above are told as `notification.received`. Every later session of the server
   * is asked for it again.
   */
  setLogLevel(name: string, level: LogLevel, options?: RequestOptions): Promise<void>
  /** Resolves when the server answers. */
  ping(name: string, options?: RequestOptions): Promise<void>
  /** Lets a server that was stopped run again and connects it; as `connect` for any other. */
  start(name: string, options?: WaitOptions): Promise<void>
  /**
   * Drains and ends a server and its leases, and keeps it `closed` until `start` or `restart`: calls fail at once with
   * `SERVER_UNAVAILABLE`, reloads leave it as it is. Resolves when nothing of it is left.
   */
  stop(name: string): Promise<void>
  /** Closes the server, resolves its configuration anew and connects again. */
  restart(name: string, options?: WaitOptions): Promise<void>
  /**
   * Opens a private copy of a server. @throws `SERVER_UNKNOWN`, `SERVER_UNAVAILABLE` for a disabled one, `SHUTDOWN`, or
   * `CONFIG_INVALID` for wrong options
   */
  lease(name: string, options?: LeaseOptions): Lease
  /**
   * Connects a server that asks for authorization: brings a person to its login, waits until the browser comes back to
   * this machine, and connects. Does no more than `connect` for a server that asks for nothing. When several ask at the
   * same time it is one login, which the first of them opens.
   * @throws `AUTH_FAILED` with the step that failed, also when nobody logs in
   */
  authorize(name: string, options?: AuthorizeOptions): Promise<void>
  /** Forgets the tokens of a server, and says so to the authorization server where that can be told. */
  logout(name: string): Promise<LogoutReport>
  /** Makes the servers those of `config`. An invalid entry refuses the whole and nothing changes. Never rejects. */
  reload(config: unknown): Promise<ReloadReport>
  /** Drains and ends all servers at the same time. Idempotent; never rejects. */
  close(): Promise<CloseReport>
  /** A listener that throws is logged and harms nobody. `*` hears everything. */
  on<T extends SupervisorEventType>(type: T, listener: (event: EventOf<T>) => void): Unsubscribe
  on(type: '*', listener: (event: SupervisorEvent) => void): Unsubscribe
  /** All events from now on. */
  events(options?: { signal?: AbortSignal }): AsyncIterableIterator<SupervisorEvent | EventsDropped>
  /** The root actor, for hosts that use XState and for inspectors. */
  readonly actor: ActorRef<Snapshot<unknown>, SupervisorCommand, SupervisorEmitted>
}
