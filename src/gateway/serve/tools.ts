import type { CallToolResult, Server } from '@modelcontextprotocol/server'

import type { Tool } from '../../index.js'
import { inProtocolErrors } from '../problems.js'
import type { Serving } from './serving.js'
import { withExposedLinks } from './links.js'

/** `tools/list` and `tools/call`, as the view of the client allows. */
export function serveTools(server: Server, { client, lane, carry, surface }: Serving): void {
  const { view } = client.principal

  server.setRequestHandler('tools/list', () =>
    inProtocolErrors(async () => {
      const shown = await surface.list(view, 'tools')
      return { tools: shown.map(({ name, item }) => ({ ...item, name }) as Tool & { inputSchema: { type: 'object' } }) }
    }),
  )
  server.setRequestHandler('tools/call', ({ params }, ctx) => {
    const { name: exposed, arguments: args = {} } = params
    return inProtocolErrors(async () => {
      const { server: owner, name, item } = await surface.find(view, 'tools', exposed)
      const outputSchema = item?.outputSchema
      return carry(ctx, { exposed, args }, async (options) => {
        const result = await lane(owner).callTool(name, args, options)
        const linked = withExposedLinks(result, (uri) => surface.exposedUri(owner, uri)) as CallToolResult
        return server.projectCallToolResult(linked, outputSchema)
      })
    })
  })
}
