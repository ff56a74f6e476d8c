import { Server } from '@modelcontextprotocol/server'

import { version } from '../../index.js'
import type { Client } from '../clients/client.js'
import { createLegacyCarry } from '../relay/carry-legacy.js'
import { createModernCarry } from '../relay/carry-modern.js'
import { serveSearch } from '../search/serve-search.js'
import { serveLogging } from './logging.js'
import { servePrompts } from './prompts.js'
import { serveResources } from './resources.js'
import type { ServeParts } from './serving.js'
import { serveTools } from './tools.js'

/**
 * The server object of one client: it is never shared, for the SDK keeps the ids of requests in it. The older era has one
 * for a session, the newer one for a request.
 */
export function createServerFor(client: Client, era: 'legacy' | 'modern', parts: ServeParts): Server {
  const instructions = parts.instructions(client.principal.view)
  const server = new Server(
    { name: 'mcpvisor', title: 'mcpvisor gateway', version },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      ...(instructions !== undefined && { instructions }),
    },
  )
  const carry =
    era === 'modern'
      ? createModernCarry(client, parts.rounds)
      : createLegacyCarry(client, () => server.getClientCapabilities(), parts.pages)
  if (era === 'legacy') client.server = server
  const lane = (name: string) => parts.lanes.laneOf(client, name)
  const serving = { ...parts, client, carry, lane }
  if (parts.exposure === 'search') serveSearch(server, serving)
  else serveTools(server, serving)
  servePrompts(server, serving)
  serveResources(server, serving)
  serveLogging(server, serving)
  return server
}
