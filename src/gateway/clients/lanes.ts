import type { Server } from '@modelcontextprotocol/server'

import type { Handlers, Lease, Supervisor } from '../../index.js'
import { progressTo, relayTo } from '../relay/relayed-handlers.js'
import type { Client } from './client.js'

/** The way to one server: the process and session that all share, or the lease of one client. */
export interface Lane extends Pick<
  Lease,
  | 'server'
  | 'callTool'
  | 'readResource'
  | 'getPrompt'
  | 'complete'
  | 'subscribe'
  | 'unsubscribe'
  | 'setLogLevel'
  | 'status'
> {
  /** Whose it is; everybody's when it is absent. */
  readonly client?: Client
}

/** The lanes of all clients. What is told of a lease reaches the client that has it, and nobody else. */
export interface Lanes {
  /** The lane of a client to a server, as the policy of the server says. @throws when the client is gone */
  laneOf(client: Client, server: string): Lane
  /** The lane that an event is about; undefined for a lease that no client has. */
  of(event: { readonly server: string; readonly lease?: number }): Lane | undefined
  /** Those that are running now. */
  running(): Lane[]
  /** Ends the leases of a client that is gone, which gets no others: a request of it may still be on its way here. */
  drop(client: Client): void
}

export function createLanes(supervisor: Supervisor): Lanes {
  const shared = new Map<string, Lane>()
  const leases = new Map<Client, Map<string, Lease>>()
  const owners = new Map<number, Lane>()
  const gone = new WeakSet<Client>()

  function sharedLane(server: string): Lane {
    const lane = shared.get(server) ?? openShared(supervisor, server)
    shared.set(server, lane)
    return lane
  }

  function leaseOf(client: Client, server: string): Lane {
    if (gone.has(client)) throw new Error('The client has gone')
    const own = leases.get(client) ?? new Map<string, Lease>()
    leases.set(client, own)
    const known = own.get(server)
    const isOver = known?.status().state === 'closed'
    const lease = known && !isOver ? known : supervisor.lease(server, { handlers: handlersOf(client.server) })
    if (known && isOver) owners.delete(known.id)
    own.set(server, lease)
    const lane = owners.get(lease.id) ?? { ...lease, client }
    owners.set(lease.id, lane)
    return lane
  }

  return {
    laneOf: (client, server) =>
      supervisor.status(server).session === 'per-client' ? leaseOf(client, server) : sharedLane(server),
    of: ({ server, lease }) => (lease === undefined ? sharedLane(server) : owners.get(lease)),
    running: () => [...shared.values(), ...owners.values()].filter((lane) => lane.status().connected),
    drop(client) {
      gone.add(client)
      for (const lease of leases.get(client)?.values() ?? []) {
        owners.delete(lease.id)
        // What cannot be ended is in the report of the supervisor when that is closed.
        lease.close().catch(() => undefined)
      }
      leases.delete(client)
    },
  }
}

/** Outside of any request a server may ask the client whose lease it runs for, in the era that has such questions. */
function handlersOf(server: Server | undefined): Handlers {
  if (!server) return {}
  return relayTo(
    (method, params, { signal, progress }) =>
      server.request(
        { method: method as 'sampling/createMessage', params: { ...params } as never },
        { signal, ...progressTo(progress, params) },
      ),
    server.getClientCapabilities(),
  )
}

function openShared(supervisor: Supervisor, server: string): Lane {
  return {
    server,
    callTool: (...args) => supervisor.callTool(server, ...args),
    readResource: (...args) => supervisor.readResource(server, ...args),
    getPrompt: (...args) => supervisor.getPrompt(server, ...args),
    complete: (...args) => supervisor.complete(server, ...args),
    subscribe: (...args) => supervisor.subscribe(server, ...args),
    unsubscribe: (...args) => supervisor.unsubscribe(server, ...args),
    setLogLevel: (...args) => supervisor.setLogLevel(server, ...args),
    status: () => supervisor.status(server),
  }
}
