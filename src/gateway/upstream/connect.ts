import type { Server } from '@modelcontextprotocol/server'

import type { Notification } from '../../index.js'
import type { Client, Principal } from '../clients/client.js'

/** What a way to a client tells of it. */
export interface Arrival {
  readonly principal: Principal
  readonly transport: Client['transport']
  /** One program is at the other end; else many may come with one token. */
  readonly isOne: boolean
  readonly tell: (notification: Notification) => void
}

/** A client that has come. */
export interface Connection {
  readonly client: Client
  /** A server object of its own. */
  server(era: 'legacy' | 'modern'): Server
  /** Follows what a `subscriptions/listen` of it asks for, as far as it may; until the returned function is called. */
  listen(params: unknown): () => void
  /** It has gone: nothing is kept for it. */
  gone(): void
}

export type Connect = (arrival: Arrival) => Connection
