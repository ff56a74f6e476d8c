/** Streamable HTTP on loopback with a session of the first line of the SDK for each client that comes. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'

export async function serveSessions(createSession) {
  const sessions = new Map()
  const http = createServer((request, response) => void serve(request, response))

  async function serve(request, response) {
    const body = Buffer.concat(await request.toArray())
    const message = body.length > 0 ? JSON.parse(body) : undefined
    let transport = sessions.get(request.headers['mcp-session-id'])
    if (!transport && isInitializeRequest(message)) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => sessions.set(id, transport),
      })
      await createSession().connect(transport)
    }
    if (transport) await transport.handleRequest(request, response, message)
    else response.writeHead(404).end()
  }

  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${http.address().port}/mcp`,
    forgetSessions: () => sessions.clear(),
    close: () => new Promise((resolve) => http.close(resolve).closeAllConnections()),
  }
}
