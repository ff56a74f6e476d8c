import type { Actor, ActorRefFrom } from 'xstate'

import type { ParsedEntry } from '../config/entry.js'
import type { ParsedConfig } from '../config/parse.js'
import { SupervisorError, failure } from '../errors.js'
import type { TargetServer } from '../machines/supervisor.events.js'
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
  /** Its entry as it was parsed. @throws `SERVER_UNKNOWN` */
  parsed(name: string): ParsedEntry
  /** All entries as they were parsed. */
  all(): ReadonlyMap<string, ParsedEntry>
  /**
   * The actor of a server and its entry. @throws `SERVER_UNKNOWN`, `SERVER_UNAVAILABLE` for one that is disabled or
   * stopped, or `SERVER_REMOVED` for a lease whose server was removed
   */
  find(of: ServerIdentity): { actor: ServerRef; entry: EntryRef }
  /** The actor of a server; undefined for one that is unknown, disabled or closed. */
  actor(of: ServerIdentity): ServerRef | undefined
  /** The entry in force of a server; undefined for one that is unknown or disabled. */
  entry(name: string): EntryRef | undefined
  /** The leases that have not ended. */
  leases(): ServerIdentity[]
  /** The handles in force. */
  entries(): EntryRef[]
  /** The servers that run, without their leases, as a reload that changes nothing would want them. */
  present(): TargetServer[]
  /** The servers that are stopped: configured, and kept from running until they are started. */
  readonly halted: Set<string>
  /** Takes another configuration as the accepted one. */
  accept(parsed: Accepted): void
  /** Forgets all: the supervisor is closed. */
  clear(): void
}

/** Of a configuration, what is of interest here. */
export type Accepted = Pick<ParsedConfig, 'raw' | 'servers'>

export function createServers(root: Root): Servers {
  let accepted: Accepted = { raw: {}, servers: new Map() }
  const halted = new Set<string>()
  const children = () => root.getSnapshot().context.children
  const actorOf = (of: ServerIdentity) => root.system.get(actorId(of)) as ServerRef | undefined

  return {
    names: () => [...accepted.servers.keys()],
    config: () => ({ mcpServers: accepted.raw }),
    has: (name) => accepted.servers.has(name),
    parsed(name) {
      const entry = accepted.servers.get(name)
      if (!entry) throw unknown(name)
      return entry
    },
    all: () => accepted.servers,
    find(of) {
      const { name, lease } = of
      if (halted.has(name)) throw stopped(name)
      const actor = actorOf(of)
      const child = children()[actorId(of)]
      const isKnown = lease !== undefined || accepted.servers.has(name)
      if (actor && child && isKnown) return { actor, entry: child.entry }
      if (lease !== undefined) throw removed(name)
      throw isKnown ? disabled(name) : unknown(name)
    },
    actor: actorOf,
    entry: (name) => (accepted.servers.has(name) ? children()[actorId({ name })]?.entry : undefined),
    leases: () => Object.values(children()).flatMap(({ name, lease }) => (lease === undefined ? [] : { name, lease })),
    entries: () => Object.values(children()).map(({ entry }) => entry),
    present: () =>
      Object.values(children()).flatMap(({ name, lease, entry, status }) =>
        lease === undefined && status === 'present' ? { name, entry } : [],
      ),
    halted,
    accept(parsed) {
      accepted = parsed
      for (const name of halted) if (!parsed.servers.has(name)) halted.delete(name)
    },
    clear() {
      halted.clear()
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

/** What is said of a server that was stopped, wherever it is asked for. */
export const stoppedMessage = (name: string): string =>
  `Server "${name}" is unavailable: it was stopped, and stays closed until it is started`

function stopped(server: string): SupervisorError {
  const of = { server, phase: 'call', retryable: false } as const
  return new SupervisorError(failure('SERVER_UNAVAILABLE', stoppedMessage(server), of))
}

function disabled(name: string): SupervisorError {
  const message = `Server "${name}" is unavailable: its configuration says "disabled": true`
  return new SupervisorError(failure('SERVER_UNAVAILABLE', message, { server: name, phase: 'call', retryable: false }))
}
