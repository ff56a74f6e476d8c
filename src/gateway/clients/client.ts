import type { Server } from '@modelcontextprotocol/server'

import type { LogLevel, Notification } from '../../index.js'
import type { View } from '../view.js'
import { isAtLeast } from './log-levels.js'

/** Who a client is, as it has proved, and what it may use. */
export interface Principal {
  readonly name: string
  /** The one in force: whoever decides by it reads it then. */
  view: View
}

/** One client: a connection over stdio, a session over HTTP, or, without sessions, all that comes with one token. */
export interface Client {
  readonly id: number
  readonly principal: Principal
  readonly transport: 'stdio' | 'http'
  /**
   * Its requests may be taken for each other: one program makes them all. Without it, each request is of an owner of its own,
   * also in a lease.
   */
  readonly owner?: object
  /** Tells what no request of the client asked for. */
  readonly tell: (notification: Notification) => void
  /** Whether it wants log messages of this level; those that it never chose a level for go to everybody. */
  wants(level: LogLevel): boolean
  logLevel: LogLevel | undefined
  /** The server object through which the client can be asked outside of its requests, in the era that has that. */
  server: Server | undefined
}

export type ClientParts = Pick<Client, 'id' | 'principal' | 'transport' | 'tell' | 'owner'>

export function createClient(parts: ClientParts): Client {
  const client: Client = {
    ...parts,
    logLevel: undefined,
    server: undefined,
    wants: (level) => client.logLevel === undefined || isAtLeast(level, client.logLevel),
  }
  return client
}
