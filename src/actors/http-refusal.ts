import { SupervisorError } from '../errors.js'
import { readFrame } from './frames.js'
import { mediaType, readText } from './http-body.js'
import { statusFailure } from './http-failures.js'
import type { HttpLink } from './http-form.js'
import type { HttpAnswer } from './http-requests.js'

const bodyLimitBytes = 64 * 1024
/** The status has said enough: the JSON-RPC error in the body may not keep the caller waiting. */
const bodyTimeoutMs = 100

/** The error for an answer whose status is not 2xx, with the JSON-RPC error of its body when there is one. */
export async function refusal(answer: HttpAnswer, link: Pick<HttpLink, 'mask' | 'session'>): Promise<SupervisorError> {
  const rpcError = await readRpcError(answer)
  const masked = rpcError && { ...rpcError, message: link.mask(rpcError.message).slice(0, 200) }
  return new SupervisorError(statusFailure(answer.subject, answer, link.session.id !== undefined, masked))
}

async function readRpcError(answer: HttpAnswer) {
  const timer = setTimeout(() => answer.body.destroy(), bodyTimeoutMs)
  try {
    const text = await readText(answer, bodyLimitBytes)
    if (mediaType(answer) !== 'application/json') return undefined
    const value: unknown = JSON.parse(text)
    // Servers that could not read the id answer with none, or with null: here it matters to nobody.
    const frame = readFrame(typeof value === 'object' && value !== null ? { ...value, id: 0 } : value)
    return frame.kind === 'response' ? frame.message.error : undefined
  } catch {
    return undefined // A body that cannot be read adds nothing; the status is the failure.
  } finally {
    clearTimeout(timer)
  }
}
