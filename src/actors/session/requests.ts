import type { Cancellation } from '../../calls/cancellation.js'
import type { RequestTrace, SessionTracing, TraceContext } from '../../calls/telemetry.js'
import type { Clock } from '../../clock.js'
import { SupervisorError, asFailure, failure } from '../../errors.js'
import type { Progress } from '../../mcp.js'
import type { Caller } from './caller.js'
import type { CallInFlight } from './call-in-flight.js'
import { callThatIsOver, createGivenUp } from './given-up.js'
import { maskData } from '../wire/mask-data.js'
import type { Message, Transport } from '../transport.js'

export interface RequestOptions {
  /** Giving up tells the server and rejects the request. One cancellation serves one request at a time. */
  readonly cancellation: Cancellation
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** The call on whose behalf it is made; absent for a request of our own. */
  readonly caller?: Caller | undefined
  /** Is told of it, and settled by whoever asked. */
  readonly trace?: RequestTrace | undefined
  /** The tool can only be called as a task, where the revision has them. */
  readonly asTask?: boolean | undefined
  /** Whether a result is only the beginning: the request then stays in flight, with progress and questions, until `close`. */
  readonly lasts?: ((id: number, result: Record<string, unknown>) => boolean) | undefined
}

/** A request as it goes over the wire. */
export interface Dress {
  readonly params: Record<string, unknown>
  readonly headers?: Readonly<Record<string, string>>
}

export interface RequestsParts {
  readonly server: string
  readonly transport: Transport
  readonly clock: Pick<Clock, 'now'>
  readonly mask: (text: string) => string
  /** Puts on what every request of the era carries. */
  readonly dress?: (method: string, params: Record<string, unknown>, options: RequestOptions) => Dress
  /** Nothing more will come of a request. */
  readonly settled?: (id: number) => void
  readonly tracing?: SessionTracing | undefined
}

/** The requests of one session, between the handshake and the end: the lean path that every call takes. */
export interface Requests {
  /** Resolves to the result. Rejects with `MCP_ERROR`, the transport's failure, or `CALL_ABORTED`. */
  request(method: string, params: Record<string, unknown>, options: RequestOptions): Promise<Record<string, unknown>>
  /** Takes an answer to, or the progress of, a request made here; false for any other message. */
  take(message: Message): boolean
  /**
   * The calls in flight, and after them those that were given up, which the server may go on with. Given the id of a request,
   * only the one it was made for.
   */
  callers(id?: string | number): CallInFlight[]
  /** A request that lasted is over: it has come to its end, or was given up. */
  close(id: number, isDone: boolean): void
}

interface Pending {
  readonly resolve: (result: Record<string, unknown>) => void
  readonly reject: (error: SupervisorError) => void
  readonly options: RequestOptions
  /** Of the call: it cannot be asked for that any more once it has settled. */
  readonly owner: object | undefined
}

/**
 * Requests go straight to the transport, which already tells when no answer will come. The SDK's own request path costs
 * several times as much: a timer, an abort listener and two schema checks for each call.
 */
export function createRequests({ server, transport, clock, mask, dress, settled, tracing }: RequestsParts): Requests {
  const pending = new Map<number, Pending>()
  const givenUp = createGivenUp(clock)
  // `initialize` was 0.
  let lastId = 0

  function settle(id: number): Pending | undefined {
    const request = pending.get(id)
    if (request) {
      pending.delete(id)
      request.options.cancellation.onCancel = undefined
      settled?.(id)
    }
    return request
  }

  /** Settles a request that will get no answer, whatever the server makes of it. */
  function leaveUnanswered(id: number, error: SupervisorError): boolean {
    const request = settle(id)
    if (request && error.delivered === 'maybe') noteGivenUp(id, request)
    request?.reject(error)
    return request !== undefined
  }

  /** Requests of our own make no server ask, or speak to anybody. */
  function noteGivenUp(id: number, { options, owner }: Pending): void {
    if (options.caller) givenUp.add({ id, owner })
  }

  function cancel(id: number, reason: string): void {
    if (!leaveUnanswered(id, aborted(server, 'maybe'))) return
    transport
      .send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason } })
      .catch((error: Error) => transport.onerror?.(error))
  }

  function callOf(id: number): CallInFlight[] {
    const caller = pending.get(id)?.options.caller
    return caller ? [{ id, caller }] : []
  }

  function write(id: number, method: string, params: Record<string, unknown>, options: RequestOptions): void {
    const named = options.onProgress ? withMeta(params, { progressToken: id }) : params
    const { params: body, headers } = dress ? dress(method, named, options) : { params: named }
    transport
      .send({ jsonrpc: '2.0', id, method, params: body }, headers)
      .catch((error: unknown) =>
        leaveUnanswered(id, error instanceof SupervisorError ? error : unwritable(server, error)),
      )
  }

  return {
    request(method, params, options) {
      if (options.cancellation.reason !== undefined) return Promise.reject(aborted(server, 'no'))
      const id = ++lastId
      const own = options.trace ? undefined : tracing?.request(method)
      const trace = options.trace ?? own
      const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
        pending.set(id, { resolve, reject, options, owner: options.caller?.owner })
        options.cancellation.onCancel = (reason) => cancel(id, reason)
        if (!trace || !tracing) return write(id, method, params, options)
        const { route } = tracing
        const dressed = (context?: TraceContext) => (context ? withMeta(params, context) : params)
        trace.carry({ id, route }, (context) => write(id, method, dressed(context), options))
      })
      if (own) tellOutcome(own, answer)
      return answer
    },
    take({ id, method, params, result, error }) {
      if (method === 'notifications/progress') return takeProgress(pending, params)
      if (method !== undefined) return false
      const answered = Number(id)
      const lasting = result && pending.get(answered)?.options.lasts?.(answered, result)
      const request = lasting ? pending.get(answered) : settle(answered)
      if (result) request?.resolve(result)
      else if (error) request?.reject(new SupervisorError(mcpFailure(server, error, mask)))
      return request !== undefined
    },
    callers(only) {
      if (only === undefined) return [...[...pending.keys()].flatMap(callOf), ...givenUp.calls()]
      const id = Number(only)
      const wasMade = id > 0 && id <= lastId
      return wasMade && !pending.has(id) ? [callThatIsOver(id)] : callOf(id)
    },
    close(id, isDone) {
      const request = settle(id)
      if (request && !isDone) noteGivenUp(id, request)
    },
  }
}

function takeProgress(pending: ReadonlyMap<number, Pending>, params: Record<string, unknown> = {}): boolean {
  const { progressToken, progress, total, message } = params
  const request = pending.get(Number(progressToken))
  if (!request || typeof progress !== 'number') return false
  request.options.onProgress?.({
    progress,
    ...(typeof total === 'number' && { total }),
    ...(typeof message === 'string' && { message }),
  })
  return true
}

function withMeta(params: Record<string, unknown>, meta: TraceContext | { progressToken: number }) {
  return { ...params, _meta: { ...(params['_meta'] as object | undefined), ...meta } }
}

/** Whoever asked hears of the failure; the trace is told as well. */
function tellOutcome(trace: RequestTrace, answer: Promise<unknown>): void {
  answer.then(
    () => trace.settled({}),
    (error: unknown) => trace.settled({ failure: asFailure(error as SupervisorError) }),
  )
}

/** What a JSON-RPC error of the server means to the caller. */
export function mcpFailure(
  server: string,
  { code, message, data }: NonNullable<Message['error']>,
  mask: (text: string) => string,
) {
  return failure('MCP_ERROR', `Server "${server}" answered with error ${code}: ${mask(message)}`, {
    server,
    delivered: 'yes',
    mcp: { code, ...(data !== undefined && { data: maskData(data, mask) }) },
  })
}

/** A request that JSON cannot express: it holds a bigint, contains itself, or is nested too deep. */
function unwritable(server: string, error: unknown): SupervisorError {
  const detail = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
  return new SupervisorError(
    failure('CONFIG_INVALID', `Arguments for server "${server}" must be JSON: ${detail}`, { server }),
    error,
  )
}

/** The error of a request that its caller gave up. */
export function aborted(server: string, delivered: 'no' | 'maybe'): SupervisorError {
  return new SupervisorError(
    failure('CALL_ABORTED', `Request to server "${server}" was given up`, { server, delivered }),
  )
}
