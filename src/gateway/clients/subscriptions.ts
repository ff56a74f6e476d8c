import type { Supervisor } from '../../index.js'
import type { Client } from './client.js'

/**
 * Which clients hear of the changes of which resources. A server is asked once, however many there are who want to hear.
 * `holder` is what lasts as long as the wish: a client, or one stream of it.
 */
export interface Subscriptions {
  add(holder: object, client: Client, server: string, uri: string): Promise<void>
  remove(holder: object, server: string, uri: string): Promise<void>
  /** The holder is gone. */
  drop(holder: object): void
  /** Who hears of a change of this resource, or of one that is part of what was subscribed to. Each client once. */
  subscribers(server: string, uri: string): ReadonlySet<Client>
}

interface Subscription {
  readonly holders: Map<object, Client>
  /** Settles when the server has agreed or refused. */
  readonly agreed: Promise<void>
}

export function createSubscriptions(supervisor: Supervisor): Subscriptions {
  const servers = new Map<string, Map<string, Subscription>>()
  const urisOf = (server: string): Map<string, Subscription> => {
    const uris = servers.get(server) ?? new Map<string, Subscription>()
    servers.set(server, uris)
    return uris
  }

  async function remove(holder: object, server: string, uri: string): Promise<void> {
    const uris = urisOf(server)
    const subscription = uris.get(uri)
    if (!subscription?.holders.delete(holder) || subscription.holders.size > 0) return
    uris.delete(uri)
    // A server that is not running has forgotten it anyway, and is not started for that.
    if (supervisor.status(server).connected) await supervisor.unsubscribe(server, uri)
  }

  return {
    async add(holder, client, server, uri) {
      const uris = urisOf(server)
      const subscription = uris.get(uri) ?? { holders: new Map(), agreed: supervisor.subscribe(server, uri) }
      uris.set(uri, subscription)
      subscription.holders.set(holder, client)
      try {
        await subscription.agreed
      } catch (error) {
        if (uris.get(uri) === subscription) uris.delete(uri)
        throw error
      }
    },
    remove,
    drop(holder) {
      for (const [server, uris] of servers) {
        // Nobody waits for it: a server that fails to forget tells what nobody hears.
        for (const uri of [...uris.keys()]) remove(holder, server, uri).catch(() => undefined)
      }
    },
    subscribers(server, changed) {
      const subscriptions = [...(servers.get(server) ?? [])].filter(([uri]) => isPartOf(changed, uri))
      return new Set(subscriptions.flatMap(([, { holders }]) => [...holders.values()]))
    },
  }
}

function isPartOf(uri: string, whole: string): boolean {
  return uri === whole || uri.startsWith(whole.endsWith('/') ? whole : `${whole}/`)
}
