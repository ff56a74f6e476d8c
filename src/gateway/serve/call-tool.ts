import type { CallToolResult, InputRequiredResult, Server, ServerContext } from '@modelcontextprotocol/server'

import { withExposedLinks } from './links.js'
import type { Serving } from './serving.js'

export type CallShownTool = (
  ctx: ServerContext,
  exposed: string,
  args: Record<string, unknown>,
) => Promise<CallToolResult | InputRequiredResult>

/** Calls a tool by the name that clients know it by. @throws for one that does not exist, or may not be seen */
export function createToolCaller(server: Server, { client, lane, carry, surface }: Serving): CallShownTool {
  const view = () => client.principal.view
  return async (ctx, exposed, args) => {
    const { server: owner, name, item } = await surface.find(view(), 'tools', exposed)
    return carry(ctx, { exposed, args }, async (options) => {
      const result = await lane(owner).callTool(name, args, options)
      const linked = withExposedLinks(result, (uri) => surface.exposedUri(owner, uri)) as CallToolResult
      return server.projectCallToolResult(linked, item?.outputSchema)
    })
  }
}
