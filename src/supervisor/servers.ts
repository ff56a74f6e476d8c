import type { Actor, ActorRefFrom } from 'xstate'

import type { ParsedConfig } from '../config/parse.js'
import { SupervisorError, failure } from '../errors.js'
import { serverId } from '../machines/reload.js'
import type { ServerMachine, SupervisorMachine } from '../machines/supervisor.js'
import type { EntryRef } from '../messages.js'

export type Root = Actor<SupervisorMachine>
export type ServerRef = ActorRefFrom<ServerMachine>

/** The servers of the last accepted configuration, by name and in its order; their actors are the truth about them. */
export interface Servers {
  names(): string[]
  /** The configuration as it was given. */
  config(): { readonly mcpServers: Readonly<Record<string, unknown>> }
  has(name: string): boolean
  /** The actor of a server and its entry. @throws `SERVER_UNKNOWN`, or `SERVER_UNAVAILABLE` for a disabled one. */
  find(name: string): { actor: ServerRef; entry: EntryRef }
  /** The actor of a server; undefined for one that is unknown, disabled or closed. */
  actor(name: string): ServerRef | undefined
  /** The handles in force. */
  entries(): EntryRef[]
  /** Takes another configuration as the accepted one. */
  accept(parsed: ParsedConfig): void
  /** Forgets all: the supervisor is closed. */
  clear(): void
}

export function createServers(root: Root): Servers {
  let accepted: Pick<ParsedConfig, 'raw' | 'servers'> = { raw: {}, servers: new Map() }
  const children = () => root.getSnapshot().context.children
  const actorOf = (name: string) => root.system.get(serverId(name)) as ServerRef | undefined

  return {
    names: () => [...accepted.servers.keys()],
    config: () => ({ mcpServers: accepted.raw }),
    has: (name) => accepted.servers.has(name),
    find(name) {
      const actor = actorOf(name)
      const child = children()[serverId(name)]
      if (actor && child && accepted.servers.has(name)) return { actor, entry: child.entry }
      throw accepted.servers.has(name) ? disabled(name) : unknown(name)
    },
    actor: actorOf,
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

function disabled(name: string): SupervisorError {
  const message = `Server "${name}" is unavailable: its configuration says "disabled": true`
  return new SupervisorError(failure('SERVER_UNAVAILABLE', message, { server: name, phase: 'call', retryable: false }))
}
