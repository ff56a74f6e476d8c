/** A server of 2025-11-25 over stdio that counts how often its lists are asked for, and tells storms of changes. */
import { createInterface } from 'node:readline'

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const counts = {}
let version = 1

const tools = {
  counts: () => counts,
  /** Changes each list so many times, and tells each. */
  storm({ times }) {
    for (let n = 0; n < times; n++) {
      version += 1
      for (const list of ['resources', 'prompts']) send({ method: `notifications/${list}/list_changed` })
    }
    return { version }
  },
}

const lists = {
  'tools/list': () => ({ tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })) }),
  'resources/list': () => ({ resources: [{ uri: `it://${version}`, name: `resource ${version}` }] }),
  'resources/templates/list': () => ({
    resourceTemplates: [{ uriTemplate: `it://${version}/{id}`, name: 'template' }],
  }),
  'prompts/list': () => ({ prompts: [{ name: `prompt ${version}` }] }),
}

const listChanged = true
const initialized = {
  protocolVersion: '2025-11-25',
  serverInfo: { name: 'lists', version: '1.0.0' },
  capabilities: { tools: {}, resources: { listChanged }, prompts: { listChanged } },
}

function answer(method, params) {
  if (method === 'initialize') return initialized
  if (method === 'tools/call') {
    const value = tools[params.name](params.arguments)
    return { content: [{ type: 'text', text: JSON.stringify(value) }] }
  }
  counts[method] = (counts[method] ?? 0) + 1
  return lists[method]()
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id !== undefined) send({ id, result: answer(method, params) })
})
