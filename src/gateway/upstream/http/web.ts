import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** A reader that takes nothing for so long is gone. */
const stalledMs = 60_000

/** The request as the web knows it, without its body; `signal` aborts when the client goes away. */
export function webRequest({ method = 'GET', headers, url = '/' }: IncomingMessage, signal: AbortSignal): Request {
  const entries = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  )
  return new Request(new URL(url, 'http://gateway'), { method, headers: entries, signal })
}

/** Aborts when the response is over before it was finished. */
export function whenLeft(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) controller.abort(new Error('The client has gone'))
  })
  return controller.signal
}

/** Writes a response of the web; resolves when all is written or nobody reads any more. */
export async function writeResponse(target: ServerResponse, { status, headers, body }: Response): Promise<void> {
  target.writeHead(status, Object.fromEntries(headers))
  if (!body) return void target.end()
  target.flushHeaders()
  const reader = body.getReader()
  // Nobody reads any more, so nobody is left to be told that the source would not end.
  const leave = (): void => void reader.cancel().catch(() => undefined)
  target.on('close', leave)
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (target.destroyed) return
      if (!target.write(part.value)) await drained(target)
    }
    target.end()
  } catch {
    // The answer broke off: so does the connection, for its end would say that it is whole.
    target.destroy()
  }
}

/** The same response, and a call, once, when its last byte was read or nobody reads any more. */
export function whenOver(response: Response, over: () => void): Response {
  const reader = response.body?.getReader()
  if (!reader) {
    over()
    return response
  }
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        over()
        controller.close()
      } catch (error) {
        over()
        controller.error(error)
      }
    },
    async cancel(reason) {
      over()
      await reader.cancel(reason)
    },
  })
  return new Response(stream, response)
}

/** An error outside of any request of MCP, in the words of JSON-RPC. */
export function refuse(
  target: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message } })
  target.writeHead(status, { 'content-type': 'application/json', ...headers })
  target.end(body)
}

async function drained(target: ServerResponse): Promise<void> {
  const tooLong = AbortSignal.timeout(stalledMs)
  await Promise.race([once(target, 'drain', { signal: tooLong }), once(target, 'close', { signal: tooLong })])
}
