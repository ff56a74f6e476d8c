/** A server of 2025-11-25 over HTTP with sessions, on the first line of the official SDK: its tools ask back on the stream of their answer. `stdio-v1.mjs` is the same over a pipe. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { serveSessions } from './serve-sessions.mjs'

export function createSession() {
  const server = new Server({ name: 'http-v1', version: '1.0.0' }, { capabilities: { tools: {}, logging: {} } })
  let hostCame = () => {}
  const host = new Promise((resolve) => (hostCame = resolve))
  const inputSchema = { type: 'object', properties: { name: { type: 'string' } } }
  const text = (value) => ({ content: [{ type: 'text', text: value }] })
  const tools = {
    async colour(name, { sendRequest }) {
      const requestedSchema = { type: 'object', properties: { colour: { type: 'string', default: 'grey' } } }
      const question = { mode: 'form', message: `${name}, which colour?`, requestedSchema }
      const { content } = await sendRequest({ method: 'elicitation/create', params: question }, ElicitResultSchema)
      return text(`${name}: ${String(content?.colour)}`)
    },
    async think(name, { sendRequest }) {
      const messages = [{ role: 'user', content: { type: 'text', text: name } }]
      const request = { method: 'sampling/createMessage', params: { messages, maxTokens: 10 } }
      const { content } = await sendRequest(request, CreateMessageResultSchema)
      return text(content.text)
    },
    // What it hears of the progress of its own question comes before the answer to that.
    async study(name, { sendRequest }) {
      const heard = []
      const onprogress = ({ progress, total, message }) => heard.push(`${progress}/${total} ${message}`)
      const messages = [{ role: 'user', content: { type: 'text', text: name } }]
      const request = { method: 'sampling/createMessage', params: { messages, maxTokens: 10 } }
      const { content } = await sendRequest(request, CreateMessageResultSchema, { onprogress })
      return text([...heard, content.text].join())
    },
    // Withdraws its question as soon as it hears that somebody is at it.
    async withdraw(name, { sendRequest }) {
      const change = new AbortController()
      const requestedSchema = { type: 'object', properties: {} }
      const question = { mode: 'form', message: `${name}?`, requestedSchema }
      const asked = sendRequest({ method: 'elicitation/create', params: question }, ElicitResultSchema, {
        signal: change.signal,
        onprogress: () => change.abort('changed my mind'),
      })
      return asked.then(
        () => text('answered'),
        () => text('withdrawn'),
      )
    },
    // Goes on although it was given up: asks, and says something, while another call is under way. Not by the means of the
    // request, which the SDK takes away.
    async haunt(name, { signal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      const { tell } = await host
      const log = { method: 'notifications/message', params: { level: 'info', data: `of ${name}` } }
      await server.notification(log)
      const params = { mode: 'form', message: `${name}?`, requestedSchema: { type: 'object', properties: {} } }
      const asked = server.request({ method: 'elicitation/create', params }, ElicitResultSchema)
      await asked.then(
        ({ action }) => tell(`${name} was told ${action}`),
        () => tell(`${name} was refused`),
      )
      return text('over')
    },
    async host() {
      return text(await new Promise((tell) => hostCame({ tell })))
    },
    // Three steps of progress, each named after the caller.
    async steps(name, { sendNotification, _meta }) {
      for (let progress = 1; progress <= 3; progress += 1) {
        const params = { progressToken: _meta.progressToken, progress, total: 3, message: name }
        await sendNotification({ method: 'notifications/progress', params })
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return text(name)
    },
  }
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.keys(tools).map((name) => ({ name, inputSchema })),
  }))
  server.setRequestHandler(CallToolRequestSchema, ({ params: { name, arguments: args } }, extra) =>
    tools[name](String(args.name ?? args.about), extra),
  )
  return server
}

export const startHttpV1 = () => serveSessions(createSession)
