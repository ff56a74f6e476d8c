import { type Failure, SupervisorError, failure } from '../../errors.js'
import { readFrame } from '../wire/frames.js'
import { discard, mediaType, readStart } from './body.js'
import { statusFailure } from './failures.js'
import { isModern } from '../wire/revisions.js'
import { maskData } from '../wire/mask-data.js'
import type { HttpLink } from './form.js'
import type { HttpAnswer } from './answer.js'
import type { Message } from '../transport.js'
import { printable } from '../wire/printable.js'

/** Statuses with which a modern server sends the JSON-RPC error of an answer (2026-07-28, Streamable HTTP). */
const answersWithErrors: ReadonlySet<number> = new Set([400, 404, 500])

/** What begins a session: a server that refuses this, or a stream, is none that we can talk to. */
const handshake: ReadonlySet<string | undefined> = new Set([
  'initialize',
  'notifications/initialized',
  'server/discover',
])

/**
 * The error for an answer whose status is not 2xx, with the JSON-RPC error of its body when there is one; `to` is the message
 * that was posted.
 */
export async function refusal(
  answer: HttpAnswer,
  link: Pick<HttpLink, 'mask' | 'session'>,
  to?: Message,
): Promise<SupervisorError> {
  const rpcError = await readRpcError(answer)
  const masked = rpcError && maskedError(rpcError, link.mask)
  if (masked && isModern(link.session.protocolVersion) && answersWithErrors.has(answer.status)) {
    const message = `${answer.subject} answered with error ${masked.code}: ${masked.message}`
    const { message: _, ...mcp } = masked
    return new SupervisorError(failure('MCP_ERROR', message, { httpStatus: answer.status, delivered: 'yes', mcp }))
  }
  const of = statusFailure(answer, link.session.id !== undefined, masked)
  return new SupervisorError(to && !handshake.has(to.method) ? ofMessage(of) : of)
}

/** Whoever posts a message within a session is told that it was refused, and by what. */
function ofMessage(of: Failure): Failure {
  if (of.code !== 'HANDSHAKE_FAILED') return of
  return of.mcp ? { ...of, code: 'MCP_ERROR', delivered: 'yes' } : { ...of, code: 'RESPONSE_INVALID' }
}

function maskedError({ code, message, data }: NonNullable<Message['error']>, mask: (text: string) => string) {
  const shown = printable(mask(message)).slice(0, 200)
  return { code, message: shown, ...(data !== undefined && { data: maskData(data, mask) }) }
}

async function readRpcError(answer: HttpAnswer) {
  if (mediaType(answer) !== 'application/json') {
    discard(answer.body)
    return undefined
  }
  const body = await readStart(answer)
  try {
    const value: unknown = JSON.parse(body)
    // Servers that could not read the id answer with none, or with null: here it matters to nobody.
    const frame = readFrame(typeof value === 'object' && value !== null ? { ...value, id: 0 } : value)
    return frame.kind === 'response' ? frame.message.error : undefined
  } catch {
    return undefined // A body that is not JSON adds nothing: the status is the failure.
  }
}
