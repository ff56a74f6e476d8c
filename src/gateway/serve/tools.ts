import type { Server } from '@modelcontextprotocol/server'

import type { Tool } from '../../index.js'
import { inProtocolErrors } from '../problems.js'
import { createToolCaller } from './call-tool.js'
import type { Serving } from './serving.js'

/** Every tool is called plainly through the gateway: how it is carried out below is not the business of clients. */
function plainly({ execution: _execution, ...tool }: Tool): Tool {
  return tool as Tool
}

/** `tools/list` and `tools/call`, as the view of the client allows. */
export function serveTools(server: Server, serving: Serving): void {
  const { client, surface } = serving
  const call = createToolCaller(server, serving)

  server.setRequestHandler('tools/list', () =>
    inProtocolErrors(async () => {
      const shown = await surface.list(client.principal.view, 'tools')
      return {
        tools: shown.map(
          ({ name, item }) => ({ ...plainly(item), name }) as Tool & { inputSchema: { type: 'object' } },
        ),
      }
    }),
  )
  server.setRequestHandler('tools/call', ({ params: { name, arguments: args = {} } }, ctx) =>
    inProtocolErrors(() => call(ctx, name, args)),
  )
}
