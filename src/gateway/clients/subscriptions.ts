import type { Client } from './client.js'
import type { Lane } from './lanes.js'

/**
 * Which clients hear of the changes of which resources. A server is asked once, however many there are who want to hear.
 * `holder` is what lasts as long as the wish: a client, or one stream of it.
 */
export interface Subscriptions {
  add(holder: object, client: Client, lane: Lane, uri: string): Promise<void>
  remove(holder: object, lane: Lane, uri: string): Promise<void>
  /** The holder is gone. */
  drop(holder: object): void
  /** Who hears of a change of this resource, or of one that is part of what was subscribed to. Each client once. */
  subscribers(lane: Lane, uri: string): ReadonlySet<Client>
}

interface Subscription {
  readonly holders: Map<object, Client>
  /** Settles when the server has agreed or refused. */
  readonly agreed: Promise<void>
}

export function createSubscriptions(): Subscriptions {
  const lanes = new Map<Lane, Map<string, Subscription>>()

  async function remove(holder: object, lane: Lane, uri: string): Promise<void> {
    const uris = lanes.get(lane)
    const subscription = uris?.get(uri)
    if (!uris || !subscription?.holders.delete(holder) || subscription.holders.size > 0) return
    uris.delete(uri)
    if (uris.size === 0) lanes.delete(lane)
    await lane.unsubscribe(uri)
  }

  return {
    async add(holder, client, lane, uri) {
      const uris = lanes.get(lane) ?? new Map<string, Subscription>()
      lanes.set(lane, uris)
      const subscription = uris.get(uri) ?? { holders: new Map(), agreed: lane.subscribe(uri) }
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
      for (const [lane, uris] of [...lanes]) {
        // Nobody waits for it: a server that fails to forget tells what nobody hears.
        for (const uri of [...uris.keys()]) remove(holder, lane, uri).catch(() => undefined)
      }
    },
    subscribers(lane, changed) {
      const subscriptions = [...(lanes.get(lane) ?? [])].filter(([uri]) => isPartOf(changed, uri))
      return new Set(subscriptions.flatMap(([, { holders }]) => [...holders.values()]))
    },
  }
}

function isPartOf(uri: string, whole: string): boolean {
  return uri === whole || uri.startsWith(whole.endsWith('/') ? whole : `${whole}/`)
}
