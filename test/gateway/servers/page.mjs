/** A server of 2025-11-25 that sends a person to a page, and tells later that the person is done there. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'

const server = new Server({ name: 'page', version: '1.0.0' }, { capabilities: { tools: {} } })
const inputSchema = { type: 'object' }
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [
    { name: 'visit', inputSchema },
    { name: 'done', inputSchema },
  ],
}))
server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: args } }) => {
  if (name === 'visit') {
    const params = { mode: 'url', message: 'Please visit', url: 'https://example.com/', elicitationId: args.id }
    const { action } = await server.elicitInput(params)
    return { content: [{ type: 'text', text: action }] }
  }
  await server.createElicitationCompletionNotifier(args.id)()
  return { content: [] }
})
await server.connect(new StdioServerTransport())
