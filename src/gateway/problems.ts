import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server'

import { SupervisorError } from '../index.js'

/**
 * A failure as a client is told it: the JSON-RPC error of the server as it came, else what a client can act on. No text of
 * the server's stderr is among it.
 */
function asProtocolError(error: unknown): unknown {
  if (!(error instanceof SupervisorError)) return error
  const { mcp, message, code, server, delivered, retryable, nextRetryAt, retryAfterMs } = error
  if (mcp) return new ProtocolError(mcp.code, message, mcp.data)
  return new ProtocolError(ProtocolErrorCode.InternalError, message, {
    code,
    server,
    delivered,
    retryable,
    ...(nextRetryAt !== undefined && { nextRetryAt }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** Runs what a client asked for, and fails in its words. */
export async function inProtocolErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asProtocolError(error)
  }
}

/** The same for what is not there and for what the client may not see. */
export function unknownName(kind: 'tool' | 'prompt', name: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown ${kind}: ${name}`)
}

export function unknownResource(uri: string): ProtocolError {
  return new ResourceNotFoundError(uri)
}
