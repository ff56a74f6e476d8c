import { STATUS_CODES } from 'node:http'
import { asFailure, failure, SupervisorError, type Failure } from '../../errors.js'
import type { HttpAnswer } from './answer.js'
import { parseRetryAfter } from './retry-after.js'

const notExecuted = new Set([408, 429, 503])
const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$)/
const unlawfulCode = /^(HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW$)/

/** What a request fails with that was not answered with a 2xx status. */
export function statusFailure(
  { subject, status, header }: Pick<HttpAnswer, 'subject' | 'status' | 'header'>,
  inSession: boolean,
  rpcError?: { readonly code: number; readonly message: string; readonly data?: unknown },
): Failure {
  const reason = STATUS_CODES[status] ? ` ${STATUS_CODES[status]}` : ''
  const message = `${subject} answered ${status}${reason}${rpcError ? `: ${rpcError.message}` : ''}`
  const said = { httpStatus: status, ...(rpcError && { mcp: mcpOf(rpcError) }) }
  if (status === 401) return failure('AUTH_REQUIRED', message, said)
  if (status === 403) return failure('AUTH_FAILED', message, said)
  if (status === 404 && inSession) return failure('CONNECTION_LOST', `${message}: the session is gone`, said)
  if (notExecuted.has(status)) {
    const retryAfterMs = parseRetryAfter(header('retry-after'))
    return failure('SERVER_UNAVAILABLE', message, { ...said, ...(retryAfterMs !== undefined && { retryAfterMs }) })
  }
  if (status >= 500) return failure('SERVER_UNAVAILABLE', message, { ...said, delivered: 'maybe' })
  return failure('HANDSHAKE_FAILED', message, said)
}

function mcpOf({ code, data }: { readonly code: number; readonly data?: unknown }): NonNullable<Failure['mcp']> {
  return { code, ...(data !== undefined && { data }) }
}

/**
 * What a request fails with that got no answer; `subject` names server, method and address, `sent` says whether any of
 * it may have left us.
 */
export function networkFailure(subject: string, error: unknown, sent: boolean): Failure {
  if (error instanceof SupervisorError) return asFailure(error)
  const code = codeOf(error)
  const delivered = sent ? 'maybe' : 'no'
  const message = `${subject} failed: ${code}`
  if (tlsCode.test(code)) return failure('HANDSHAKE_FAILED', message, { delivered })
  if (unlawfulCode.test(code)) return failure('RESPONSE_INVALID', `${message}: the answer is not HTTP`, { delivered })
  return failure('CONNECTION_LOST', message, { delivered })
}

/** What a request fails with when its answer broke off, in whatever way undici and the socket put it. */
export function brokenAnswer(subject: string, error: unknown): Failure {
  if (error instanceof SupervisorError) return asFailure(error)
  return failure('CONNECTION_LOST', `${subject} failed within the answer: ${codeOf(error)}`, { delivered: 'maybe' })
}

/**
 * Whether nothing more can be asked of the server before somebody acts: it wants authorization for anything at all, the
 * session is gone, or no connection can be made. A connection that was merely reset is none of these: the next request opens another.
 */
export function endsConnection(of: Pick<Failure, 'code' | 'delivered' | 'httpStatus'>): boolean {
  if (of.code === 'AUTH_REQUIRED' || of.code === 'AUTH_FAILED') return of.httpStatus === 401
  return of.code === 'CONNECTION_LOST' && of.delivered === 'no'
}

/** The code of a network error, of its first part when several addresses were tried; its name when it has none. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  if (error instanceof AggregateError && !('code' in error)) return codeOf(error.errors[0])
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? error.name : codeOf(error.cause)
}
