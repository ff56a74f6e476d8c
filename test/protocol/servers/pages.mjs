/**
 * A server of 2025-11-25 on the first line of the official SDK, whose tool `secret` is refused until a person has visited
 * pages of it: real ones, on loopback. `node pages.mjs` speaks over stdio; `startPages()` over HTTP.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { serveSessions } from './serve-sessions.mjs'

const inputSchema = { type: 'object', properties: { name: { type: 'string' } } }
const names = ['secret', 'silent', 'stubborn', 'twice']

/** What a session has of its pages: `done` are the elicitations that a person has finished. */
function createSession(site) {
  const server = new Server({ name: 'pages', version: '1.0.0' }, { capabilities: { tools: {} } })
  const done = new Set()
  let calls = 0

  function pageFor(name, isSilent) {
    const elicitationId = `${name}-${randomUUID()}`
    // A server need not say that a person is done.
    const tell = isSilent ? async () => {} : server.createElicitationCompletionNotifier(elicitationId)
    const visited = async () => {
      done.add(name)
      await tell()
    }
    return { mode: 'url', elicitationId, message: `${name}, log in`, url: site.page(elicitationId, visited) }
  }

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: names.map((name) => ({ name, inputSchema })) }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    calls += 1
    const name = String(params.arguments?.name)
    const pages = params.name === 'twice' ? [`${name}-1`, `${name}-2`] : [name]
    const open = params.name === 'stubborn' ? pages : pages.filter((page) => !done.has(page))
    if (open.length > 0)
      throw new UrlElicitationRequiredError(open.map((page) => pageFor(page, params.name === 'silent')))
    return { content: [{ type: 'text', text: `secret of ${name} after ${calls} calls` }] }
  })
  return server
}

/** The pages themselves: visiting one is all that there is to do. */
async function openSite() {
  const pages = new Map()
  const http = createServer((request, response) => {
    const visited = pages.get(request.url)
    if (!visited) return response.writeHead(404).end()
    return visited().then(() => response.end('thank you'))
  })
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    page(id, visited) {
      pages.set(`/${id}`, visited)
      return `http://127.0.0.1:${http.address().port}/${id}`
    },
    close: () => new Promise((resolve) => http.close(resolve).closeAllConnections()),
  }
}

export async function startPages() {
  const site = await openSite()
  const served = await serveSessions(() => createSession(site))
  return {
    ...served,
    async close() {
      await site.close()
      await served.close()
    },
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const site = await openSite()
  await createSession(site).connect(new StdioServerTransport())
  process.stdin.on('end', () => void site.close())
}
