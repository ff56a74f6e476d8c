import type { LogLevel, Notification } from '../../index.js'
import type { View } from '../view.js'
import type { Lane } from './lane.js'
import { isAtLeast } from './log-levels.js'

/** Who a client is, as it has proved, and what it may use. */
export interface Principal {
  readonly name: string
  readonly view: View
}

/** One client: a connection over stdio, a session over HTTP, or, without sessions, all that comes with one token. */
export interface Client {
  readonly id: number
  readonly principal: Principal
  readonly transport: 'stdio' | 'http'
  /** Requests with it may be taken for each other: one program makes them all. */
  readonly owner?: object
  /** Tells what no request of the client asked for. */
  readonly tell: (notification: Notification) => void
  /** Its way to a server. */
  lane(server: string): Lane
  /** Whether it wants log messages of this level; those that it never chose a level for go to everybody. */
  wants(level: LogLevel): boolean
  logLevel: LogLevel | undefined
}

export interface ClientParts extends Pick<Client, 'id' | 'principal' | 'transport' | 'tell'> {
  readonly owner?: object
  readonly lane: (server: string) => Lane
}

export function createClient(parts: ClientParts): Client {
  const client: Client = {
    ...parts,
    logLevel: undefined,
    wants: (level) => client.logLevel === undefined || isAtLeast(level, client.logLevel),
  }
  return client
}
