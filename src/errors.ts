/**
 * Everything that can go wrong, once.
 *
 * `Failure` is the plain form: it travels in events, machine context and status.
 * `SupervisorError` is what a caller catches; it is made from a `Failure` at the last moment.
 */

/** How sure we are that a request reached the server: it did not, it may have, it was answered. */
export type Delivered = 'no' | 'maybe' | 'yes'

/** Where in the life of a server or call the failure happened. */
export type Phase = 'config' | 'spawn' | 'connect' | 'handshake' | 'auth' | 'list' | 'queue' | 'call' | 'shutdown'

interface CodeEntry {
  /** A permanent failure is never retried by itself; a transient one may heal. */
  readonly kind: 'permanent' | 'transient'
  readonly meaning: string
  readonly remedy: string
}

/** What each code means and whether waiting can help. A single failure may say otherwise through `retryable`. */
export const errorCodes = {
  CONFIG_INVALID: {
    kind: 'permanent',
    meaning: 'The configuration has the wrong shape.',
    remedy: 'Correct the entry that the message names.',
  },
  CONFIG_UNRESOLVED: {
    kind: 'permanent',
    meaning: 'A placeholder or a file that the entry names could not be resolved.',
    remedy: 'Set the variables, or put the file, that the message names; then restart the server or reload.',
  },
  SERVER_UNKNOWN: {
    kind: 'permanent',
    meaning: 'No server of that name is configured, or the configuration excludes the tool.',
    remedy: 'Use one of `servers()`, and a tool that `includeTools` and `excludeTools` let through.',
  },
  SERVER_UNAVAILABLE: {
    kind: 'transient',
    meaning: 'The circuit is open, the server is stopped or disabled, or it refused the request for now.',
    remedy: 'Wait until `nextRetryAt`, or call `connect`; `start` one that was stopped.',
  },
  SERVER_REMOVED: {
    kind: 'permanent',
    meaning: 'A reload removed the server before the call was answered.',
    remedy: 'None: the server is no longer configured.',
  },
  SPAWN_FAILED: {
    kind: 'permanent',
    meaning: 'The process could not be started.',
    remedy: 'Check `command` and `cwd`; exhausted descriptors or processes are retried.',
  },
  CONNECT_TIMEOUT: {
    kind: 'transient',
    meaning: 'An attempt to connect passed its deadline.',
    remedy: 'Read what it wrote to stderr (`stderrTail`); raise `connectTimeoutMs` for slow starters.',
  },
  HANDSHAKE_FAILED: {
    kind: 'permanent',
    meaning: 'The peer answered, but not as an MCP server we can talk to.',
    remedy: 'Read the message: it names the field, status or version.',
  },
  CONNECTION_LOST: {
    kind: 'transient',
    meaning: 'The process ended or the connection broke.',
    remedy: 'Read `exitCode`, `signal` and `stderrTail`; mind `delivered` before calling again.',
  },
  AUTH_REQUIRED: {
    kind: 'permanent',
    meaning: 'The server asks for authorization.',
    remedy: 'Call `authorize` or run `mcpvisor auth`, or give an `Authorization` header.',
  },
  AUTH_FAILED: {
    kind: 'permanent',
    meaning: 'Authorization was tried and refused.',
    remedy: 'Read the message: it names the step that failed. Check the credentials.',
  },
  CALL_TIMEOUT: {
    kind: 'transient',
    meaning: 'The call passed its deadline.',
    remedy: 'Raise `callTimeoutMs`; mind `delivered` before calling again.',
  },
  CALL_ABORTED: {
    kind: 'permanent',
    meaning: 'The signal of the caller was aborted.',
    remedy: 'None.',
  },
  QUEUE_FULL: {
    kind: 'transient',
    meaning: 'More calls wait for the server than `maxQueue` allows.',
    remedy: 'Call less, or raise `maxQueue` or `maxConcurrency`.',
  },
  RESPONSE_INVALID: {
    kind: 'permanent',
    meaning: 'The answer is neither a result nor an error of MCP, or passed a limit.',
    remedy: 'Report it to the author of the server.',
  },
  TOOL_HELD: {
    kind: 'permanent',
    meaning: 'The server pins its tools, and the definition of this one is not approved.',
    remedy: 'Look at it in `catalog(name).held`, then call `approveTools`.',
  },
  MCP_ERROR: {
    kind: 'permanent',
    meaning: 'The server answered with a JSON-RPC error.',
    remedy: 'Read `mcp.code` and `mcp.data`.',
  },
  SHUTDOWN: {
    kind: 'permanent',
    meaning: 'The supervisor, or the lease, is closing or closed.',
    remedy: 'Create a new supervisor, or open a new lease.',
  },
} as const satisfies Record<string, CodeEntry>

export type ErrorCode = keyof typeof errorCodes

/** A failure as plain data. Holds no secret: whoever makes one masks server texts first. */
export interface Failure {
  readonly code: ErrorCode
  /** Names subject, expectation and value. */
  readonly message: string
  readonly server?: string
  readonly phase?: Phase
  /** The connection attempt, counted from 1, in which it happened. */
  readonly attempt?: number
  readonly delivered: Delivered
  /** Whether the same request may succeed later without a change by anybody. */
  readonly retryable: boolean
  /** Epoch milliseconds of the next attempt that the supervisor makes by itself. */
  readonly nextRetryAt?: number
  /** Milliseconds the server asked us to wait (`Retry-After`). */
  readonly retryAfterMs?: number
  readonly exitCode?: number
  readonly signal?: string
  /** The last lines of the server's stderr, secrets masked; also text on its stdout before its first message. */
  readonly stderrTail?: string
  readonly httpStatus?: number
  /** The JSON-RPC error of the server, kept as it came. */
  readonly mcp?: { readonly code: number; readonly data?: unknown }
  /** What led to it, when it stands for an earlier failure. */
  readonly cause?: Failure
}

/** Makes a failure; `delivered` defaults to `"no"`, `retryable` to what the table says of the code. */
export function failure(
  code: ErrorCode,
  message: string,
  extra: Partial<Omit<Failure, 'code' | 'message'>> = {},
): Failure {
  return { code, message, delivered: 'no', retryable: errorCodes[code].kind === 'transient', ...extra }
}

/** The one error class. Branch on `code`, never on the text. */
export class SupervisorError extends Error {
  override readonly name = 'SupervisorError'
  declare readonly code: ErrorCode
  declare readonly server?: string
  declare readonly phase?: Phase
  declare readonly attempt?: number
  declare readonly delivered: Delivered
  declare readonly retryable: boolean
  declare readonly nextRetryAt?: number
  declare readonly retryAfterMs?: number
  declare readonly exitCode?: number
  declare readonly signal?: string
  declare readonly stderrTail?: string
  declare readonly httpStatus?: number
  declare readonly mcp?: { readonly code: number; readonly data?: unknown }

  /** `cause` is the error that was caught, when there is one beside the failure's own. */
  constructor(of: Failure, cause?: unknown) {
    const { message, cause: earlier, ...fields } = of
    const reason = cause ?? (earlier && new SupervisorError(earlier))
    super(message, reason === undefined ? undefined : { cause: reason })
    Object.assign(this, fields)
  }

  /** The failure as plain data: no stack, and of the causes only our own. */
  toJSON(): Failure {
    return asFailure(this)
  }
}

/** The error for what somebody has configured, or given as an option, and that cannot be used. */
export function configInvalid(message: string, cause?: unknown): SupervisorError {
  return new SupervisorError(failure('CONFIG_INVALID', message, { phase: 'config' }), cause)
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The code of an error of the system or of Node, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The failure inside an error, as plain data. */
export function asFailure(error: SupervisorError): Failure {
  const { name: _name, stack: _stack, message, cause, ...fields } = error
  return { ...fields, message, ...(cause instanceof SupervisorError && { cause: asFailure(cause) }) }
}
