import { z } from 'zod'

/** The few tools that stand for all others, with what each takes. */
export const metaTools = {
  list_servers: {
    description: 'Lists the servers behind this one, with what each is for and how many tools it has.',
    input: z.object({}),
  },
  search_tools: {
    description: 'Finds tools by what they do. Returns names and summaries, the best first.',
    input: z.object({
      query: z.string().min(1).describe('words of what is to be done'),
      server: z.string().optional().describe('only tools of this server'),
      limit: z.int().min(1).max(50).default(10),
    }),
  },
  describe_tools: {
    description: 'Returns the whole definitions of tools, with their input schemas. Read one before its first call.',
    input: z.object({
      names: z.array(z.string()).min(1).max(50).describe('as search_tools names them'),
      budget: z.int().min(100).max(100_000).default(4_000).describe('tokens that the answer may have, about'),
    }),
  },
  call_tool: {
    description: 'Calls a tool that search_tools has found.',
    input: z.object({
      name: z.string(),
      arguments: z.record(z.string(), z.unknown()).default({}).describe('as the input schema of the tool says'),
    }),
  },
} as const

export type MetaToolName = keyof typeof metaTools

export function isMetaTool(name: string): name is MetaToolName {
  return Object.hasOwn(metaTools, name)
}

/** As `tools/list` has them. */
export function listedMetaTools() {
  return Object.entries(metaTools).map(([name, { description, input }]) => {
    const { $schema: _, additionalProperties: __, ...schema } = z.toJSONSchema(input, { io: 'input' })
    return { name, description, inputSchema: { ...schema, type: 'object' as const } }
  })
}
