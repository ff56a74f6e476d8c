/** A server of 2025-11-25 over HTTP with sessions, on the first line of the official SDK: its tools ask back on the stream of their answer. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import {
  CallToolRequestSchema,
  ElicitResultSchema,
  ListToolsRequestSchema,
  isInitializeRequest,
} from '@modelcontextprotocol/sdk/types.js'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

function createSession() {
  const server = new Server({ name: 'http-v1', version: '1.0.0' }, { capabilities: { tools: {} } })
  const inputSchema = { type: 'object', properties: { name: { type: 'string' } } }
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [{ name: 'colour', inputSchema }] }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendRequest }) => {
    const { name } = params.arguments
    const requestedSchema = { type: 'object', properties: { colour: { type: 'string', default: 'grey' } } }
    const question = { mode: 'form', message: `${name}, which colour?`, requestedSchema }
    const { content } = await sendRequest({ method: 'elicitation/create', params: question }, ElicitResultSchema)
    return { content: [{ type: 'text', text: `${name}: ${String(content?.colour)}` }] }
  })
  return server
}

export async function startHttpV1() {
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
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
