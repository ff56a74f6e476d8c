import { SupervisorError, failure } from '../../errors.js'
import { readFrame } from '../wire/frames.js'
import { discard, mediaType, readStart } from './body.js'
import { statusFailure } from './failures.js'
import { isModern } from '../wire/revisions.js'
import { maskData } from '../wire/mask-data.js'
import type { HttpLink } from './form.js'
import type { HttpAnswer } from './answer.js'
import { printable } from '../wire/printable.js'

/** Statuses with which a modern server sends the JSON-RPC error of an answer (2026-07-28, Streamable HTTP). */
const answersWithErrors: ReadonlySet<number> = new Set([400, 404, 500])

/** The error for an answer whose status is not 2xx, with the JSON-RPC error of its body when there is one. */
export async function refusal(answer: HttpAnswer, link: Pick<HttpLink, 'mask' | 'session'>): Promise<SupervisorError> {
  const rpcError = await readRpcError(answer)
  const masked = rpcError && { ...rpcError, message: printable(link.mask(rpcError.message)).slice(0, 200) }
  if (masked && isModern(link.session.protocolVersion) && answersWithErrors.has(answer.status)) {
    const message = `${answer.subject} answered with error ${masked.code}: ${masked.message}`
    const mcp = { code: masked.code, ...(masked.data !== undefined && { data: maskData(masked.data, link.mask) }) }
    return new SupervisorError(failure('MCP_ERROR', message, { httpStatus: answer.status, delivered: 'yes', mcp }))
  }
  return new SupervisorError(statusFailure(answer, link.session.id !== undefined, masked))
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
