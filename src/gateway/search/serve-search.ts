import type { CallToolResult, InputRequiredResult, Server, ServerContext, Tool } from '@modelcontextprotocol/server'
import { z } from 'zod'

import { inProtocolErrors } from '../problems.js'
import { type CallShownTool, createToolCaller } from '../serve/call-tool.js'
import type { Serving } from '../serve/serving.js'
import { definitionsOf, summariesOf, summaryOf } from './answers.js'
import { type MetaToolName, isMetaTool, listedMetaTools, metaTools } from './meta-tools.js'
import { type Candidate, rankTools } from './rank-tools.js'

type Answer = CallToolResult | InputRequiredResult

/**
 * `tools/list` of four tools, whatever is behind them: clients whose context is precious find and read the others when they
 * need them. Who knows the name of a tool may also call it directly.
 */
export function serveSearch(server: Server, serving: Serving): void {
  const call = createToolCaller(server, serving)
  const listed = listedMetaTools() as Tool[]
  server.setRequestHandler('tools/list', () => ({ tools: listed }))
  server.setRequestHandler('tools/call', ({ params: { name, arguments: args = {} } }, ctx) =>
    inProtocolErrors(() => (isMetaTool(name) ? answer(name, args, { serving, call, ctx }) : call(ctx, name, args))),
  )
}

interface Asked {
  readonly serving: Serving
  readonly call: CallShownTool
  readonly ctx: ServerContext
}

/** Wrong arguments are a result that the model can learn from. */
async function answer(name: MetaToolName, args: Record<string, unknown>, asked: Asked): Promise<Answer> {
  const read = metaTools[name].input.safeParse(args)
  if (!read.success) return { ...text(`${name}: ${z.prettifyError(read.error)}`), isError: true }
  const given = read.data as Given
  if (name === 'call_tool') return asked.call(asked.ctx, given.name, given.arguments)
  return text(await answers[name](given, asked.serving))
}

/** What the meta tools take, together. */
interface Given {
  readonly query: string
  readonly server?: string
  readonly limit: number
  readonly names: readonly string[]
  readonly budget: number
  readonly name: string
  readonly arguments: Record<string, unknown>
}

const answers: Readonly<
  Record<Exclude<MetaToolName, 'call_tool'>, (given: Given, serving: Serving) => string | Promise<string>>
> = {
  async list_servers(_, serving) {
    const counts = new Map<string, number>()
    for (const { server } of await toolsOf(serving)) counts.set(server, (counts.get(server) ?? 0) + 1)
    const { surface, client } = serving
    return surface
      .servers(client.principal.view)
      .map((server) => `${server}: ${counts.get(server) ?? 0} tools. ${summaryOf(surface.purposeOf(server))}`.trim())
      .join('\n')
  },
  async search_tools({ query, server, limit }, serving) {
    const tools = await toolsOf(serving)
    const candidates = tools.filter((tool) => server === undefined || tool.server === server)
    return summariesOf(rankTools(candidates, query).slice(0, limit))
  },
  async describe_tools({ names, budget }, serving) {
    const tools = new Map((await toolsOf(serving)).map((tool) => [tool.name, tool]))
    const unknown = names.filter((name) => !tools.has(name))
    const found = names.flatMap((name) => tools.get(name) ?? [])
    return [definitionsOf(found, budget), ...(unknown.length > 0 ? [`Unknown: ${unknown.join(', ')}`] : [])]
      .filter((part) => part !== '')
      .join('\n')
  },
}

async function toolsOf({ surface, client }: Serving): Promise<(Candidate & { readonly server: string })[]> {
  const shown = await surface.list(client.principal.view, 'tools')
  return shown.map(({ server, name, item }) => ({ server, name, tool: item }))
}

function text(value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] }
}
