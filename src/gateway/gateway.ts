import type { Supervisor } from '../index.js'
import type { Principal } from './clients/client.js'
import { createHub } from './hub.js'
import { type GatewayOptions, type ListenOptions, invalid, isToken, tokenForm } from './options.js'
import { type HttpEndpoint, listen } from './upstream/http/listen.js'
import { type StdioConnection, type StdioStreams, serveOnStdio } from './upstream/stdio.js'
import { createView } from './view.js'

/** Every server of a supervisor as one MCP server. */
export interface Gateway extends AsyncDisposable {
  /** Serves the client at the other end of a pipe. */
  serveStdio(streams?: StdioStreams): StdioConnection
  /** Serves many clients over Streamable HTTP. @throws `CONFIG_INVALID` */
  listen(options?: ListenOptions): Promise<HttpEndpoint>
  /** Who is connected now. */
  clients(): ClientStatus[]
  /**
   * Takes no new client and no new request, lets those under way finish within the time, and lets every client go. The
   * supervisor stays. Idempotent.
   */
  close(drainTimeoutMs?: number): Promise<void>
}

export interface ClientStatus {
  readonly id: number
  readonly transport: 'stdio' | 'http'
  /** The name of its view. */
  readonly view: string
}

const defaultDrainMs = 5_000

/**
 * Creates a gateway over the public API of a supervisor, which should have `relayedHandlers`, so that servers may ask
 * clients. Nothing listens and nothing is started until a client comes.
 * @throws `CONFIG_INVALID` for `naming: "plain"` with other than one server, and for a view whose token is none
 */
export function createGateway(supervisor: Supervisor, options: GatewayOptions = {}): Gateway {
  const principal: Principal = { name: 'default', view: createView(options.view) }
  const others = principalsOf(options.views ?? {})
  const failed = options.onError ?? (() => {})
  const hub = createHub(supervisor, options)
  const ways = new Set<HttpEndpoint | StdioConnection>()
  let closing: Promise<void> | undefined

  async function close(drainTimeoutMs = defaultDrainMs): Promise<void> {
    await Promise.all([...ways].map((way) => way.close(drainTimeoutMs)))
    hub.close()
  }

  return {
    serveStdio(streams = {}) {
      const connect = hub.connect
      const way = serveOnStdio({ ...streams, principal, connect, drainTimeoutMs: defaultDrainMs, failed })
      ways.add(way)
      void way.closed.then(() => ways.delete(way))
      return way
    },
    async listen(listenOptions = {}) {
      const { connect, monitor } = hub
      const way = await listen({ options: listenOptions, connect, principal, others, failed, monitor })
      ways.add(way)
      return way
    },
    clients: () => hub.clients().map(({ id, transport, principal: { name } }) => ({ id, transport, view: name })),
    close: (drainTimeoutMs) => (closing ??= close(drainTimeoutMs)),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

function principalsOf(views: NonNullable<GatewayOptions['views']>): ReadonlyMap<string, Principal> {
  const principals = new Map<string, Principal>()
  for (const [name, { token, ...view }] of Object.entries(views)) {
    if (!isToken(token)) throw invalid(`View "${name}": "token" must be ${tokenForm}`)
    if (principals.has(token)) throw invalid(`View "${name}": "token" must not be that of another view`)
    principals.set(token, { name, view: createView(view) })
  }
  return principals
}
