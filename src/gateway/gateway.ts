import type { Supervisor } from '../index.js'
import { type Views, createPrincipals } from './clients/principals.js'
import { createHub } from './hub.js'
import type { GatewayOptions, ListenOptions } from './options.js'
import { type HttpEndpoint, type HttpWay, listen } from './upstream/http/listen.js'
import { type StdioConnection, type StdioStreams, serveOnStdio } from './upstream/stdio.js'

/** Every server of a supervisor as one MCP server. */
export interface Gateway extends AsyncDisposable {
  /** Serves the client at the other end of a pipe. */
  serveStdio(streams?: StdioStreams): StdioConnection
  /** Serves many clients over Streamable HTTP. @throws `CONFIG_INVALID` */
  listen(options?: ListenOptions): Promise<HttpEndpoint>
  /**
   * Puts other views in force, as `createGateway` takes them. Clients whose view is another are told that lists have
   * changed; those whose token is none any more are let go. @throws `CONFIG_INVALID`, and then nothing has changed
   */
  reload(views: Pick<GatewayOptions, 'view' | 'views'>): void
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
  const principals = createPrincipals(options)
  const failed = options.onError ?? (() => {})
  const hub = createHub(supervisor, options)
  const ways = new Set<HttpWay | StdioConnection>()
  let closing: Promise<void> | undefined

  async function close(drainTimeoutMs = defaultDrainMs): Promise<void> {
    await Promise.all([...ways].map((way) => way.close(drainTimeoutMs)))
    hub.close()
  }

  return {
    serveStdio(streams = {}) {
      const { connect, parked } = hub
      const principal = principals.common
      const way = serveOnStdio({ ...streams, principal, connect, parked, drainTimeoutMs: defaultDrainMs, failed })
      ways.add(way)
      void way.closed.then(() => ways.delete(way))
      return way
    },
    async listen(listenOptions = {}) {
      const { connect, monitor, parked } = hub
      const way = await listen({ options: listenOptions, connect, principals, failed, monitor, parked })
      ways.add(way)
      return way.endpoint
    },
    reload(views: Views) {
      const { changed, revoked } = principals.follow(views)
      for (const way of ways) if ('revoke' in way) revoked.forEach(way.revoke)
      hub.viewsChanged(changed)
    },
    clients: () => hub.clients().map(({ id, transport, principal: { name } }) => ({ id, transport, view: name })),
    close: (drainTimeoutMs) => (closing ??= close(drainTimeoutMs)),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}
