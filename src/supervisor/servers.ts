import type { Actor, ActorRefFrom } from 'xstate'

import type { ParsedConfig } from '../config/parse.js'
import { SupervisorError, failure } from '../errors.js'
import type { ServerMachine, SupervisorMachine } from '../machines/supervisor.js'
import { type EntryRef, type ServerIdentity, actorId } from '../messages.js'

export type Root = Actor<SupervisorMachine>
export type ServerRef = ActorRefFrom<ServerMachine>

/** The servers of the last accepted configuration, by name and in its order; their actors are the truth about them. */
export interface Servers {
  names(): string[]
  /** The configuration as it was given. */
  config(): { readonly mcpServers: Readonly<Record<string, unknown>> }
  has(name: string): boolean
  /**
   * The actor of a server and its entry. @throws `SERVER_UNKNOWN`, `SERVER_UNAVAILABLE` for a disabled one, or
   * `SERVER_REMOVED` for a lease whose server was removed
   */
  find(of: ServerIdentity): { actor: ServerRef; entry: EntryRef }
  /** The actor of a server; undefined for one that is unknown, disabled or closed. */
  actor(of: ServerIdentity): ServerRef | undefined
  /** The leases that have not ended. */
  leases(): ServerIdentity[]
  /** The handles in force. */
  entries(): EntryRef[]
  /** Takes another configuration as the accepted one. */
  accept(parsed: Accepted): void
  /** Forgets all: the supervisor is closed. */
  clear(): void
}

/** Of a configuration, what is of interest here. */
export type Accepted = Pick<ParsedConfig, 'raw' | 'servers'>

export function createServers(root: Root): Servers {
  let accepted: Accepted = { raw: {}, servers: new Map() }
  const children = () => root.getSnapshot().context.children
  const actorOf = (of: ServerIdentity) => root.system.get(actorId(of)) as ServerRef | undefined

  return {
    names: () => [...accepted.servers.keys()],
    config: () => ({ mcpServers: accepted.raw }),
    has: (name) => accepted.servers.has(name),
    find(of) {
      const { name, lease } = of
      const actor = actorOf(of)
      const child = children()[actorId(of)]
      const isKnown = lease !== undefined || accepted.servers.has(name)
      if (actor && child && isKnown) return { actor, entry: child.entry }
      if (lease !== undefined) throw removed(name)
      throw isKnown ? disabled(name) : unknown(name)
    },
    actor: actorOf,
    leases: () => Object.values(children()).flatMap(({ name, lease }) => (lease === undefined ? [] : { name, lease })),
    entries: () => Object.values(children()).map(({ entry }) => entry),
    accept(parsed) {
      accepted = parsed
    },
    clear() {
      accepted = { raw: {}, servers: new Map() }
    },
  }
}

function unknown(name: string): SupervisorError {
  return new SupervisorError(
    failure('SERVER_UNKNOWN', `Server "${name}" not found in configured servers`, { server: name, phase: 'call' }),
  )
}

function removed(name: string): SupervisorError {
  const message = `Server "${name}" was removed from the configuration, and its leases with it`
  return new SupervisorError(failure('SERVER_REMOVED', message, { server: name, phase: 'call' }))
}

function disabled(name: string): SupervisorError {
  const message = `Server "${name}" is unavailable: its configuration says "disabled": true`
  return new SupervisorError(failure('SERVER_UNAVAILABLE', message, { server: name, phase: 'call', retryable: false }))
}
