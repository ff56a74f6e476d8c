import { type McpHttpHandler, type ServerEvent, createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server'

import type { Notification } from '../../../index.js'
import type { Principal } from '../../clients/client.js'
import type { Connect, Connection } from '../connect.js'
import type { ServeMcp } from './endpoint.js'
import type { Sessions } from './sessions.js'
import { whenOver } from './web.js'

/** MCP over HTTP in both eras: sessions for the older one, and for the newer one what comes with a token stands for itself. */
export interface McpRoute {
  readonly serve: ServeMcp
  /** Lets everybody go who came as this one. */
  revoke(principal: Principal): void
  close(): Promise<void>
}

export interface McpRouteParts {
  readonly sessions: Sessions
  readonly connect: Connect
  readonly failed: (error: Error) => void
}

interface Modern {
  readonly handler: McpHttpHandler
  readonly connection: Connection
}

const events: Readonly<Record<string, Exclude<ServerEvent['kind'], 'resource_updated'>>> = {
  'notifications/tools/list_changed': 'tools_list_changed',
  'notifications/prompts/list_changed': 'prompts_list_changed',
  'notifications/resources/list_changed': 'resources_list_changed',
}

export function createMcpRoute({ sessions, connect, failed }: McpRouteParts): McpRoute {
  /** One for each token: what is told to those who listen must not reach those who come with another. */
  const moderns = new Map<Principal, Modern>()

  function modernOf(principal: Principal): Modern {
    const known = moderns.get(principal)
    if (known) return known
    const tell = ({ method, params }: Notification): void => {
      const event = eventOf(method, params)
      if (event) handler.bus.publish(event)
    }
    const connection = connect({ principal, transport: 'http', isOne: false, tell })
    const handler = createMcpHandler(() => connection.server('modern'), { legacy: 'reject', onerror: failed })
    const modern = { handler, connection }
    moderns.set(principal, modern)
    return modern
  }

  async function serveModern(request: Request, body: unknown, principal: Principal): Promise<Response> {
    const { handler, connection } = modernOf(principal)
    const { method, params } = body as { readonly method?: unknown; readonly params?: unknown }
    const release = method === 'subscriptions/listen' ? connection.listen(params) : () => {}
    try {
      return whenOver(await handler.fetch(request, { parsedBody: body }), release)
    } catch (error) {
      release()
      throw error
    }
  }

  async function end({ handler, connection }: Modern): Promise<void> {
    await handler.close()
    connection.gone()
  }

  return {
    revoke(principal) {
      const modern = moderns.get(principal)
      moderns.delete(principal)
      if (modern) end(modern).catch(failed)
      sessions.revoke(principal).catch(failed)
    },
    async serve(request, body, principal) {
      return (await isLegacyRequest(request, body))
        ? sessions.serve(request, body, principal)
        : serveModern(request, body, principal)
    },
    async close() {
      await sessions.close()
      for (const modern of moderns.values()) await end(modern)
    },
  }
}

function eventOf(method: string, params: Notification['params']): ServerEvent | undefined {
  if (method === 'notifications/resources/updated') {
    const { uri, ...rest } = params
    return { kind: 'resource_updated', uri: String(uri), params: rest }
  }
  const kind = events[method]
  return kind && { kind }
}
