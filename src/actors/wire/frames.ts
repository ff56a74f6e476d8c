import { type PlainObject, isObject } from '../../config/plain-data.js'
import { typeName } from '../../config/wording.js'
import type { Message } from '../transport.js'

/** One JSON value from the wire, told apart. `invalid` keeps the id when it could be read, so its request can be failed. */
export type Frame =
  | { readonly kind: 'response' | 'request' | 'notification'; readonly message: Message }
  | { readonly kind: 'invalid'; readonly id?: string | number; readonly reason: string }

/**
 * Reads one parsed JSON value as a JSON-RPC 2.0 message.
 *
 * Lenient where it is harmless: other top-level keys are dropped, `params: null` counts as absent. Never throws, and never
 * looks at inherited properties. A batch (an array, revision 2025-03-26) is for the caller to split.
 */
export function readFrame(value: unknown): Frame {
  if (!isObject(value)) return { kind: 'invalid', reason: `a message must be an object, got ${typeName(value)}` }
  const id = own(value, 'id')
  const method = own(value, 'method') ?? undefined
  // A log record on stdout may have an `id` too: it stands for an answer only beside a key that answers have.
  const isAnswer = ['jsonrpc', 'result', 'error'].some((key) => Object.hasOwn(value, key))
  const named = isAnswer && isId(id) ? { id } : {}
  const invalid = (reason: string): Frame => ({ kind: 'invalid', ...named, reason })

  if (own(value, 'jsonrpc') !== '2.0') return invalid(`"jsonrpc" must be "2.0", got ${shown(own(value, 'jsonrpc'))}`)
  if (method === undefined) return readResponse(value, id, invalid)

  // The id of a request is the peer's own: none of our requests may fail with it.
  const refused = (reason: string): Frame => ({ kind: 'invalid', reason })
  if (typeof method !== 'string') return refused(`"method" must be a string, got ${typeName(method)}`)
  const params = own(value, 'params') ?? undefined
  if (params !== undefined && !isObject(params)) return refused(`"params" must be an object, got ${typeName(params)}`)
  const body = { method, ...(params && { params }) }
  if (id === undefined) return { kind: 'notification', message: { jsonrpc: '2.0', ...body } }
  if (!isId(id)) return refused(`"id" must be a string or an integer, got ${shown(id)}`)
  return { kind: 'request', message: { jsonrpc: '2.0', id, ...body } }
}

function readResponse(value: PlainObject, id: unknown, invalid: (reason: string) => Frame): Frame {
  const result = own(value, 'result')
  const error = own(value, 'error') ?? undefined
  if (result === undefined && error === undefined) return invalid('a message needs "method", "result" or "error"')
  if (!isId(id)) return invalid(`"id" must be a string or an integer, got ${shown(id)}${told(error)}`)
  if (error === undefined) {
    if (!isObject(result)) return invalid(`"result" must be an object, got ${typeName(result)}`)
    return { kind: 'response', message: { jsonrpc: '2.0', id, result } }
  }
  // `result: null` beside an error is what JSON-RPC 1.0 servers send.
  if (result !== undefined && result !== null) return invalid('an answer must have "result" or "error", got both')
  const fault = readError(error)
  if (typeof fault === 'string') return invalid(fault)
  return { kind: 'response', message: { jsonrpc: '2.0', id, error: fault } }
}

function readError(error: unknown): NonNullable<Message['error']> | string {
  if (!isObject(error)) return `"error" must be an object, got ${typeName(error)}`
  const code = own(error, 'code')
  const message = own(error, 'message') ?? ''
  const data = own(error, 'data')
  if (typeof code !== 'number' || !Number.isSafeInteger(code))
    return `"error.code" must be an integer, got ${shown(code)}`
  if (typeof message !== 'string') return `"error.message" must be a string, got ${typeName(message)}`
  return { code, message, ...(data !== undefined && { data }) }
}

/** What an error without a usable id says: often the only trace of a request the peer could not parse. */
function told(error: unknown): string {
  const message = isObject(error) ? own(error, 'message') : undefined
  return typeof message === 'string' ? `: ${message.slice(0, longestShown)}` : ''
}

function own(record: PlainObject, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

/** Long enough for a mask to see a secret whole; whoever shows it cuts again. */
const longestShown = 4_096

/** A scalar as it came, cut; of anything larger only its kind. */
function shown(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? typeName(value)
    : String(JSON.stringify(value)).slice(0, longestShown)
}
