import type { TransportKind } from '../config/entry.js'
import type { Failure } from '../errors.js'

/** W3C trace context, under the keys of `_meta` by which a server knows the trace of a request (SEP-414). */
export interface TraceContext {
  readonly traceparent?: string
  readonly tracestate?: string
  readonly baggage?: string
}

/**
 * Hears what becomes of calls and connections, at the moment and in the order in which it happens, to trace and measure
 * it. `createTelemetry` of `mcpvisor/otel` makes one. One that throws harms nobody.
 */
export interface Telemetry {
  /** A call was booked. Runs within the method that was called: what is active then is its caller's. */
  call(call: CallStart): CallTrace
  /** An attempt to connect begins; `waiting` is what `call` returned for the call that has waited longest for it. */
  connection(attempt: AttemptStart, waiting: CallTrace | undefined): ConnectionTrace
}

/** What is called, never with what. */
export interface CallStart {
  readonly server: string
  readonly lease?: number
  /** Of MCP; `connect` for a call that only waits until the server is ready. */
  readonly method: string
  readonly tool?: string
  readonly prompt?: string
  /** Of a resource, without what may be secret in it: user, password, query and fragment. */
  readonly uri?: string
  /** How often the same was sent before: the caller allowed that for a connection that broke. */
  readonly resends: number
  /** The caller is a request in this trace. */
  readonly traceContext?: TraceContext
}

export interface AttemptStart {
  readonly server: string
  readonly lease?: number
  readonly transport: TransportKind
  /** The attempt of the current series, counted from 1. */
  readonly attempt: number
  /** Connections of the server so far, this one included. */
  readonly generation: number
}

/** The way that a request takes. What is not known yet appears in it. */
export interface Route {
  readonly transport: TransportKind
  /** Of a server over HTTP. */
  readonly address?: string
  readonly port?: number
  readonly sessionId?: string | undefined
  readonly protocolVersion?: string | undefined
}

export interface SentRequest {
  readonly id: number
  readonly route: Route
}

/** How a request ended: as it should, with a result that says `isError`, or not at all. */
export interface Outcome {
  readonly failure?: Failure
  readonly isToolError?: boolean
}

export interface RequestTrace {
  /** Has the request written by `send`, at once and once, with what goes into its `_meta` if anything does. */
  carry(request: SentRequest, send: (context?: TraceContext) => void): void
  /** Told once. */
  settled(outcome: Outcome): void
}

/** A call may take several requests, or none when memory answers it. */
export interface CallTrace extends RequestTrace {
  /** The request surely did not reach the server: the call waits again. */
  unsent(): void
}

/** How one session is traced. */
export interface SessionTracing {
  readonly route: Route
  /** Traces a request that no call is the reason of; undefined where nobody traces. */
  request(method: string): RequestTrace | undefined
}

export interface ConnectionTrace {
  /** A request that no call is the reason of: the handshake, or a listing. */
  request(method: string): RequestTrace
  /** The handshake is done. */
  opened(route: Route): void
  /** The server is ready. */
  up(): void
  /** Told once: the attempt came to nothing, or what it opened has ended; by a failure or because somebody wanted it. */
  ended(of: Failure | undefined): void
}
