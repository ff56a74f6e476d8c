import type { Client } from './client.js'

/** Which client was sent to which page: when the person there is done, that client is told and nobody else. */
export interface UrlElicitations {
  asked(client: Client, params: object): void
  /** The client that waits for the end of it. */
  completed(elicitationId: unknown): Client | undefined
  /** The client is gone. */
  drop(client: Client): void
}

/** Pages that nobody ever finished are forgotten, the oldest first. */
const mostOpen = 1_000

export function createUrlElicitations(): UrlElicitations {
  const open = new Map<unknown, Client>()
  return {
    asked(client, params) {
      const { mode, elicitationId } = params as { readonly mode?: unknown; readonly elicitationId?: unknown }
      if (mode !== 'url' || elicitationId === undefined) return
      open.set(elicitationId, client)
      const [oldest] = open.keys()
      if (open.size > mostOpen) open.delete(oldest)
    },
    completed(elicitationId) {
      const client = open.get(elicitationId)
      open.delete(elicitationId)
      return client
    },
    drop(client) {
      for (const [id, of] of open) if (of === client) open.delete(id)
    },
  }
}
