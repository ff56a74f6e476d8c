import type { Handlers } from '../../calls/handlers.js'
import type { SessionTracing } from '../../calls/telemetry.js'
import type { Clock } from '../../clock.js'
import type { Era, ProtocolEra } from '../../config/entry.js'
import type { Tool } from '../../mcp.js'
import type { CallInFlight } from './call-in-flight.js'
import type { RequestOptions } from './requests.js'
import type { Transport } from '../transport.js'

/** What the handshake told of the server. */
export interface SessionInfo {
  readonly protocolVersion: string
  readonly serverInfo: { readonly name: string; readonly version: string }
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly instructions?: string
}

/**
 * The seam between mcpvisor and the MCP SDK: one open session on one transport, plain data in and out.
 *
 * Each protocol era has one implementation. No class, error or schema of the SDK passes it; every rejection is a
 * `SupervisorError`. Deadlines are not its business: whoever asks may cancel.
 */
export interface Session {
  readonly info: SessionInfo
  request(method: string, params: Record<string, unknown>, options: RequestOptions): Promise<Record<string, unknown>>
  /** Names the unbroken time in which changes of a list are told; undefined while they are not. Without it, the capability says. */
  listWatch?(kind: ListKind): number | undefined
  /** Notes how a listed tool wants to be called; returns why it must not be, if so. */
  readTool?(tool: Tool): string | undefined
}

/** The lists whose changes a server may tell; templates are told with resources. */
export type ListKind = 'tools' | 'resources' | 'prompts'

/** Which era to speak: as configured, else as it was learnt. */
export interface EraChoice {
  readonly configured?: ProtocolEra
  readonly learnt?: () => Era | undefined
  /** `undefined`: nothing is known any more. */
  readonly learn?: (era: Era | undefined) => void
}

/** Who we say we are, and who hears what the server says unasked. */
export interface SessionHost {
  /** Name of the server, for messages. */
  readonly server: string
  readonly clock: Clock
  readonly clientInfo: { readonly name: string; readonly version: string }
  /** Default: learnt anew. */
  readonly era?: EraChoice
  /** What the host answers when the server asks outside of any call. */
  readonly handlers?: Handlers
  /** `during` are the calls that it may belong to. */
  readonly notified: (method: string, params: Record<string, unknown>, during: readonly CallInFlight[]) => void
  /** Takes the secrets out of a text of the server. */
  readonly mask: (text: string) => string
  readonly tracing?: SessionTracing | undefined
  /** A message that the session could not use, in words. */
  readonly violated: (detail: string) => void
}

/**
 * Starts the transport and does the handshake on it. Rejects with the transport's failure, or `HANDSHAKE_FAILED`.
 * Whoever owns the transport ends it: that is also how an opening is abandoned, for `initialize` must not be cancelled.
 */
export type OpenSession = (transport: Transport, host: SessionHost) => Promise<Session>
