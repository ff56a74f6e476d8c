/** The surface server over HTTP on loopback: of both eras, or of the modern one alone. */
import { createMcpHandler } from '@modelcontextprotocol/server'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { createSurface } from './surface.mjs'

export async function startHttpSurface({ legacy = true, factory = createSurface } = {}) {
  const handler = createMcpHandler(factory, { legacy: legacy ? 'stateless' : 'reject' })
  const requests = []
  const streams = new Set()
  const http = createServer((incoming, outgoing) => void serve(incoming, outgoing))

  async function serve(incoming, outgoing) {
    const { method, headers } = incoming
    const body = Buffer.concat(await incoming.toArray())
    requests.push({ method, headers, message: body.length > 0 ? JSON.parse(body) : undefined })
    const controller = new AbortController()
    outgoing.on('close', () => controller.abort())
    const url = `http://${headers.host}${incoming.url}`
    const request = new Request(url, { method, headers, signal: controller.signal, ...(body.length > 0 && { body }) })
    const response = await handler.fetch(request)
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    if (!response.body) return outgoing.end()
    streams.add(outgoing)
    outgoing.on('close', () => streams.delete(outgoing))
    // The client may leave in the middle of a stream, which is its right.
    Readable.fromWeb(response.body)
      .on('error', () => outgoing.destroy())
      .pipe(outgoing)
  }

  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${http.address().port}/mcp`,
    requests,
    notify: handler.notify,
    /** Breaks every answer that is still being given. */
    cut() {
      for (const stream of streams) stream.destroy()
    },
    async close() {
      await handler.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
