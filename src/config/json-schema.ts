import { z } from 'zod'
import { keyAliases, typeAliases } from './aliases.js'
import { type KeyRule, entryKeys, isEntryKey } from './entry-keys.js'
import { foreignRestarts, foreignTimeouts } from './foreign-policy.js'
import { gatewaySchema } from './gateway.js'
import { restrictionKeys } from './known-keys.js'
import { policySchema } from './policy.js'

/** What the checks of single keys cannot say, in the words of JSON Schema. */
type Condition = Readonly<Record<string, unknown>>

/**
 * The JSON Schema (draft-07) of a configuration file, for editors. It is made of the rules the loader checks by and refuses
 * nothing that the loader accepts without a warning; what only the loader can judge, such as placeholders, it lets pass.
 */
export function configJsonSchema(): Record<string, unknown> {
  const server = serverSchema()
  const servers = z.record(z.string().regex(/^(?!(?:__proto__|constructor|prototype)?$)/), server)
  const document = z
    .looseObject({
      $schema: z.unknown(),
      mcpServers: servers.meta({ description: 'The servers by name.' }),
      servers: servers.meta({ description: 'Read as "mcpServers".', deprecated: true }),
      context_servers: servers.meta({ description: 'Read as "mcpServers".', deprecated: true }),
      supervisor: policySchema,
      gateway: gatewaySchema,
    })
    .partial()
    .meta({ title: 'MCP servers supervised by mcpvisor', anyOf: documentForms })
  return z.toJSONSchema(document, { io: 'input', target: 'draft-7' })
}

const required = (key: string): Condition => ({ required: [key] })
const anyOf = (keys: readonly string[]): Condition => ({ anyOf: keys.map(required) })

/** With a map of servers under some key, or the map itself. */
const documentForms: readonly Condition[] = [
  ...['mcpServers', 'servers', 'context_servers', 'mcp'].map(required),
  {
    properties: { $schema: {}, supervisor: {} },
    patternProperties: { '^(?:_|//|x-)': {} },
    additionalProperties: { $ref: '#/definitions/server' },
    minProperties: 1,
  },
]

function serverSchema() {
  const own = Object.entries(entryKeys).map(([key, rule]) => [key, describe(rule, rule.description)] as const)
  const aliases = [...keyAliases].flatMap(([key, { to }]) => {
    const description = `Read as "${to}".`
    return isEntryKey(to) ? [[key, describe(aliasRule(key, entryKeys[to]), description, true)] as const] : []
  })
  const timeouts = [...foreignTimeouts].map(([key, { to }]) => {
    const schema = z.number().gt(0)
    return [key, schema.optional().meta({ description: `Read as "${to}" of "supervisor".`, deprecated: true })] as const
  })
  const restarts = [...foreignRestarts.keys()].map((key) => {
    return [
      key,
      z.unknown().optional().meta({ description: 'Read as keys of "supervisor".', deprecated: true }),
    ] as const
  })
  const restrictions = [...restrictionKeys].map((key) => {
    return [
      key,
      z.literal([false, null]).optional().meta({ description: 'Cannot be enforced, so it is refused.' }),
    ] as const
  })
  return z
    .looseObject(Object.fromEntries([...own, ...aliases, ...timeouts, ...restarts, ...restrictions]))
    .meta({ id: 'server', description: 'How one server is reached and supervised.', allOf: serverConditions() })
}

function describe({ schema }: Pick<KeyRule, 'schema'>, description: string, deprecated?: true) {
  return schema.optional().meta({ description, ...(deprecated && { deprecated }) })
}

/** Two keys have other shapes elsewhere, which the loader reads or leaves alone. */
function aliasRule(key: string, rule: Pick<KeyRule, 'schema'>): Pick<KeyRule, 'schema'> {
  if (key === 'tools') return { schema: z.unknown() }
  return key === 'transport' ? { schema: z.union([rule.schema, z.looseObject({})]) } : rule
}

/** A server is reached in one way, and its type fits. */
function serverConditions(): Condition[] {
  const commands = spellingsOf('command')
  const urls = spellingsOf('url')
  const types = spellingsOf('type')
  const typesOf = (isStdio: boolean) =>
    [...typeAliases].flatMap(([name, type]) => ((type === 'stdio') === isStdio ? [name] : []))
  const isOfType = (names: readonly string[]): Condition => ({
    required: ['type'],
    properties: { type: { enum: names } },
  })
  const nested = { required: ['transport'], properties: { transport: { type: 'object' } } }
  return [
    { anyOf: [...commands, ...urls].map(required).concat(nested) },
    { if: { allOf: [anyOf(commands), anyOf(urls)] }, then: anyOf(types) },
    { if: isOfType(typesOf(true)), then: { anyOf: [...commands.map(required), nested] } },
    { if: isOfType(typesOf(false)), then: { anyOf: [...urls.map(required), nested] } },
  ]
}

function spellingsOf(key: string): string[] {
  return [key, ...[...keyAliases].flatMap(([alias, { to }]) => (to === key ? [alias] : []))]
}
