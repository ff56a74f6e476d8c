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

// What the suite gives a client beforehand, as an entry of a configuration says it.
const { client_id: clientId, client_secret: clientSecret, private_key_pem: privateKey } = context
const oauth = {
  clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
  ...(clientId && { clientId }),
  ...(clientSecret && { clientSecret }),
  ...(privateKey && { privateKey, signingAlgorithm: context.signing_algorithm ?? 'ES256' }),
  ...(process.env.MCP_CONFORMANCE_SCENARIO?.startsWith('auth/client-credentials') && {
    grantType: 'client_credentials',
  }),
}

const supervisor = createSupervisor({ mcpServers: { server: { url, protocolEra, oauth } } }, { handlers })
try {
  await useAll()
} finally {
  await supervisor.close()
}

async function useAll() {
  const tools = await authorized(() => supervisor.listTools('server'))
  // The mock server of this scenario lists a tool that cannot be called.
  if (process.env.MCP_CONFORMANCE_SCENARIO === 'json-schema-ref-no-deref') return
  const calls = context.toolCalls ?? tools.map(({ name }) => ({ name, arguments: argumentsOf(name) }))
  const use = (call) => authorized(() => supervisor.callTool('server', call.name, call.arguments))
  await Promise.all(calls.map(use))
  for (const { uri } of await supervisor.listResources('server')) await supervisor.readResource('server', uri)
  for (const { name } of await supervisor.listPrompts('server')) await supervisor.getPrompt('server', name)
  await supervisor.ping('server')
}

/** Runs a request; logs in for it as often as the server asks for a login. */
async function authorized(request) {
  for (;;) {
    try {
      return await request()
    } catch (error) {
      if (error.code !== 'AUTH_REQUIRED') throw error
      await supervisor.authorize('server', { open: login })
    }
  }
}

/** A person who says yes: the mock servers redirect at once. */
async function login(address) {
  const { headers } = await fetch(address, { redirect: 'manual' })
  return headers.get('location')
}

function argumentsOf(tool) {
  return tool === 'add_numbers' ? { a: 5, b: 3 } : {}
}
