/** The host that the conformance suite drives: it uses all that the server at the URL of its last argument offers. */
import { createSupervisor } from 'mcpvisor'

const url = process.argv.at(-1)
const revision = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? ''
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}')

// The mock servers of 2026-07-28 count every request that is of another revision.
const protocolEra = revision >= '2026-07-28' ? 'modern' : 'auto'
const elicitation = ({ requestedSchema }) => {
  const asksToConfirm = 'confirmed' in (requestedSchema.properties ?? {})
  return { action: 'accept', content: asksToConfirm ? { confirmed: true } : {} }
}
const handlers = { elicitation, roots: () => [{ uri: 'file:///project' }] }

const supervisor = createSupervisor({ mcpServers: { server: { url, protocolEra } } }, { handlers })
try {
  await useAll()
} finally {
  await supervisor.close()
}

async function useAll() {
  const tools = await supervisor.listTools('server')
  // The mock server of this scenario lists a tool that cannot be called.
  if (process.env.MCP_CONFORMANCE_SCENARIO === 'json-schema-ref-no-deref') return
  const calls = context.toolCalls ?? tools.map(({ name }) => ({ name, arguments: argumentsOf(name) }))
  await Promise.all(calls.map((call) => supervisor.callTool('server', call.name, call.arguments)))
  for (const { uri } of await supervisor.listResources('server')) await supervisor.readResource('server', uri)
  for (const { name } of await supervisor.listPrompts('server')) await supervisor.getPrompt('server', name)
  await supervisor.ping('server')
}

function argumentsOf(tool) {
  return tool === 'add_numbers' ? { a: 5, b: 3 } : {}
}
