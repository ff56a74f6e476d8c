import type { IncomingMessage } from 'node:http'

/** What came, or why it cannot be taken. */
export type Body = { readonly value: unknown } | { readonly status: 400 | 413 | 415; readonly message: string }

/** Deeper JSON than this is no message; what walks it must not run out of stack. */
const deepest = 200

/** Reads a JSON body of at most `limitBytes`; a longer one is refused before it has been read. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  const { 'content-type': type = '', 'content-length': length, 'content-encoding': encoding } = request.headers
  if (!/^application\/json\s*(?:;|$)/i.test(type))
    return { status: 415, message: 'The content type must be application/json' }
  if (encoding !== undefined && encoding !== 'identity') return { status: 415, message: 'The body must not be encoded' }
  const tooLong: Body = { status: 413, message: `The body must have at most ${limitBytes} bytes` }
  if (Number(length) > limitBytes) return tooLong
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limitBytes) return tooLong
    chunks.push(chunk)
  }
  return parse(Buffer.concat(chunks))
}

function parse(bytes: Buffer): Body {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isTooDeep(value) ? { status: 400, message: 'The body is nested too deep' } : { value }
  } catch {
    return { status: 400, message: 'The body must be JSON' }
  }
}

function isTooDeep(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
  return false
}
