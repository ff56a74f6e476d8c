import type { Credentials } from '../auth/credentials.js'
import type { Failure } from '../errors.js'

/** A JSON-RPC message as plain data. */
export interface Message {
  readonly jsonrpc: '2.0'
  readonly id?: string | number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** What it took to end a transport. */
export interface EndReport {
  /** The gentlest step after which nothing of it was left. */
  readonly by: 'exited' | 'stdin' | 'SIGTERM' | 'SIGKILL' | 'http'
  readonly exitCode?: number
  readonly signal?: string
}

/**
 * One way to one server, for one life: opened once, ended once, never reused.
 *
 * The first part is what both lines of the MCP SDK expect of a transport, so a session can be put on top of it as it is.
 *
 * `send` of a **request** settles when its answer has been handed to `onmessage`, and rejects with a `SupervisorError`
 * that says why none will come (process ended, stream cut, frame unreadable) and how far the request got (`delivered`).
 * `send` of a notification or response settles when it was written. A `notifications/cancelled` for a request of ours
 * forgets that request: its `send` resolves, and an answer that comes all the same is dropped and counted.
 */
export interface Transport {
  /** Opens it: spawns the process, or does nothing for HTTP. Rejects with a `SupervisorError` (`SPAWN_FAILED` …). */
  start(): Promise<void>
  /** `headers` go beside the message where there are any: over HTTP. */
  send(message: Message, headers?: Readonly<Record<string, string>>): Promise<void>
  /** The same as `end`, for the SDK. */
  close(): Promise<void>
  /** Set by the session before `start`. Called once, after every pending `send` was rejected. */
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  /** `relatedTo` is the request of ours in whose answer a message came, where a transport can tell. */
  onmessage?: ((message: Message, relatedTo?: string | number) => void) | undefined
  /** Called by the session with the negotiated revision. */
  setProtocolVersion?: (version: string) => void
  sessionId?: string | undefined

  /** The process at the other end; none over HTTP. */
  readonly pid?: number | undefined
  /** The end of what it has written to stderr, secrets masked; empty when there is nothing. */
  readonly stderrTail?: string
  /** Set by the connection. Called at most once, when the transport became unusable without being asked to end. */
  onlost?: ((failure: Failure) => void) | undefined
  /** Ends it gracefully step by step; resolves when no process, socket or session of it is left. Idempotent. */
  end(): Promise<EndReport>
  /** The hard stop: starts ending it with force at once and returns; `end` then tells when it is over. Idempotent. */
  kill(): void
}

/** What the transports of all kinds are made with. */
export interface TransportOptions {
  /** The name of the server, for messages. */
  readonly server: string
  /** Of each step by which a process is ended. Over HTTP it bounds the DELETE that ends the session: a second at most. */
  readonly shutdownTimeoutMs: number
  readonly limits?: Limits
  readonly observer?: TransportObserver
  /** Takes the secrets out of a text of the server. */
  readonly mask?: (text: string) => string
  /** What requests over HTTP are authorized with; none for a server whose headers say it. */
  readonly credentials?: Credentials | undefined
}

/** What a transport tells its owner beside messages. Every member is optional for the owner, and plain data. */
export interface TransportObserver {
  /** One line the process wrote to stderr, control characters escaped, secrets masked. */
  readonly stderr?: (line: string) => void
  /** Something the peer must not do, that did no harm: noise on stdout, an answer to an unknown id. */
  readonly violation?: (kind: ViolationKind, detail: string) => void
}

export type ViolationKind = 'noise' | 'stray-answer' | 'invalid-frame' | 'limit'

/** Bounds on what a peer can make us hold. */
export interface Limits {
  /** Longest line on stdout, longest HTTP body after decompression, longest SSE event. */
  readonly messageBytes: number
  /** Bytes of stderr kept for error reports. */
  readonly stderrTailBytes: number
}

export const defaultLimits: Limits = {
  messageBytes: 10 * 1024 * 1024,
  stderrTailBytes: 64 * 1024,
}
