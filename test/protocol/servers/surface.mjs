/** A server with something of everything, on the second line of the official SDK; it serves both eras from one definition. */
import { McpServer, ResourceTemplate, acceptedContent, completable, inputRequired } from '@modelcontextprotocol/server'
import { z } from 'zod'

const text = (value) => ({ content: [{ type: 'text', text: value }] })

export function createSurface() {
  const server = new McpServer(
    { name: 'surface', version: '1.0.0' },
    {
      instructions: 'ask me',
      capabilities: { logging: {}, tools: { listChanged: true }, resources: { subscribe: true, listChanged: true } },
    },
  )

  server.registerTool(
    'add',
    { inputSchema: z.object({ a: z.number(), b: z.number() }), outputSchema: z.object({ sum: z.number() }) },
    ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }),
  )

  // Three steps of progress, each named after the caller.
  server.registerTool('steps', { inputSchema: z.object({ name: z.string() }) }, async ({ name }, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken
    for (let progress = 1; progress <= 3; progress += 1) {
      const params = { progressToken, progress, total: 3, message: name }
      if (progressToken !== undefined) await mcpReq.notify({ method: 'notifications/progress', params })
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return text(name)
  })

  server.registerTool('log', { inputSchema: z.object({}) }, async (_, { mcpReq }) => {
    await mcpReq.log('debug', 'quiet')
    await mcpReq.log('error', 'loud')
    return text('logged')
  })

  const colour = z.object({ colour: z.string() })
  server.registerTool('colour', { inputSchema: z.object({ name: z.string() }) }, ({ name }, { mcpReq }) => {
    const answer = acceptedContent(mcpReq.inputResponses, 'favourite', colour)
    if (answer) return text(`${name}: ${answer.colour}`)
    if (mcpReq.inputResponses?.favourite) return text(`${name}: ${mcpReq.inputResponses.favourite.action}`)
    const requestedSchema = { type: 'object', properties: { colour: { type: 'string' } }, required: ['colour'] }
    const favourite = inputRequired.elicit({ message: `${name}, which colour?`, requestedSchema })
    return inputRequired({ inputRequests: { favourite }, requestState: `asked ${name}` })
  })

  server.registerTool('visit', { inputSchema: z.object({ url: z.string() }) }, ({ url }, { mcpReq }) => {
    const page = mcpReq.inputResponses?.page
    if (page) return text(page.action)
    const question = inputRequired.elicitUrl({ message: 'Log in', url })
    return inputRequired({ inputRequests: { page: question }, requestState: 'sent away' })
  })

  server.registerTool('think', { inputSchema: z.object({ about: z.string() }) }, ({ about }, { mcpReq }) => {
    const thought = mcpReq.inputResponses?.thought
    if (thought) return text(thought.content.text)
    const messages = [{ role: 'user', content: { type: 'text', text: about } }]
    return inputRequired({ inputRequests: { thought: inputRequired.createMessage({ messages, maxTokens: 10 }) } })
  })

  server.registerTool('roots', { inputSchema: z.object({}) }, (_, { mcpReq }) => {
    const roots = mcpReq.inputResponses?.roots
    if (roots) return text(roots.roots.map(({ uri }) => uri).join())
    return inputRequired({ inputRequests: { roots: inputRequired.listRoots() } })
  })

  const subscribed = new Set()
  server.registerTool('touch', { inputSchema: z.object({ uri: z.string() }) }, async ({ uri }, { mcpReq }) => {
    // Since 2026-07-28 the SDK knows who listens for what.
    const isModern = mcpReq.envelope !== undefined
    if (isModern || subscribed.has(uri)) await server.server.sendResourceUpdated({ uri })
    return text('touched')
  })

  server.registerTool('grow', { inputSchema: z.object({}) }, async () => {
    server.registerTool(`grown-${Date.now()}`, { inputSchema: z.object({}) }, () => text('grown'))
    return text('grown')
  })

  const contents = (uri, body) => ({ contents: [{ uri: String(uri), mimeType: 'text/plain', text: body }] })
  server.registerResource('motto', 'surface://motto', { mimeType: 'text/plain' }, (uri) => contents(uri, 'all of it'))
  const template = new ResourceTemplate('surface://notes/{id}', {
    list: undefined,
    complete: { id: (value) => ['one', 'two', 'three'].filter((id) => id.startsWith(value)) },
  })
  server.registerResource('note', template, {}, (uri, { id }) => contents(uri, `note ${String(id)}`))

  const language = completable(z.string(), (value) => ['rust', 'ruby', 'go'].filter((name) => name.startsWith(value)))
  server.registerPrompt('praise', { argsSchema: z.object({ language }) }, (args) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Praise ${args.language}` } }],
  }))

  server.server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
    subscribed.add(uri)
    return {}
  })
  server.server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    subscribed.delete(uri)
    return {}
  })
  return server
}
