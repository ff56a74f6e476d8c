import type { LeaseOptions } from '../api.js'
import type { Handlers } from '../calls/handlers.js'
import type { Policy } from '../config/defaults.js'
import { isObject } from '../config/plain-data.js'
import { shown, typeName } from '../config/wording.js'
import { SupervisorError, configInvalid, failure } from '../errors.js'
import { stopped } from '../machines/server.context.js'
import type { ServerIdentity } from '../messages.js'
import type { Root, Servers } from './servers.js'

/** The private copies of servers: each is an actor of its own below the supervisor, from its opening to its end. */
export interface Leases {
  /** Spawns a copy of a server, with what of the policy is its own. @throws what `Servers.find` throws, `CONFIG_INVALID` */
  open(name: string, options?: LeaseOptions, own?: Partial<Policy>): ServerIdentity
  /** Ends it. Resolves when nothing of it is left. @throws `SHUTDOWN` when its process could not be ended */
  close(of: ServerIdentity): Promise<void>
  /** @throws `SHUTDOWN` once it was closed */
  check(of: ServerIdentity): void
  /** Answer what its server asks, beside those of a call. */
  handlers(of: ServerIdentity): Handlers | undefined
}

export interface LeasesPorts {
  readonly root: Root
  readonly servers: Servers
  /** Resolves when no transport of the server is left, with the reason when one could not be ended. */
  readonly settled: (of: ServerIdentity) => Promise<string | undefined>
  /** Nobody will ask how the server ended. */
  readonly forget: (of: ServerIdentity) => void
}

export function createLeases({ root, servers, settled, forget }: LeasesPorts): Leases {
  /** Those that have not ended, with their handlers. */
  const living = new Map<number, Handlers | undefined>()
  const closings = new WeakMap<ServerIdentity, Promise<void>>()
  /** Whoever waits for the end of an actor, by lease. */
  const waiting = new Map<number, () => void>()
  let lastId = 0

  function end(lease: number): void {
    living.delete(lease)
    waiting.get(lease)?.()
    waiting.delete(lease)
  }
  function endAll(): void {
    for (const lease of [...living.keys()]) end(lease)
  }
  root.on('lease.ended', ({ name, lease }) => {
    end(lease)
    // The report of a closing supervisor tells of every lease.
    if (root.getSnapshot().matches('running')) forget({ name, lease })
  })
  root.subscribe({ complete: endAll, error: endAll })

  async function close(of: ServerIdentity & { readonly lease: number }): Promise<void> {
    const { lease } = of
    if (living.has(lease)) {
      const isOver = new Promise<void>((resolve) => waiting.set(lease, resolve))
      root.send({ type: 'release', lease })
      await isOver
    }
    const reason = await settled(of)
    if (reason !== undefined) throw stuck(of.name, reason)
  }

  return {
    open(name, options = {}, own = {}) {
      servers.find({ name })
      const { start = 'lazy', handlers: given } = checked(options)
      const lease = ++lastId
      living.set(lease, given)
      root.send({ type: 'lease', lease, name, own: { ...own, start } })
      return { name, lease }
    },
    close(of) {
      const { name, lease } = of
      if (lease === undefined) return Promise.resolve()
      const closing = closings.get(of) ?? close({ name, lease })
      closings.set(of, closing)
      return closing
    },
    check(of) {
      if (closings.has(of)) throw new SupervisorError(stopped(of.name, 'released'))
    },
    handlers: ({ lease }) => (lease === undefined ? undefined : living.get(lease)),
  }
}

function checked(options: LeaseOptions): LeaseOptions {
  const { start, handlers } = options
  if (start !== undefined && start !== 'lazy' && start !== 'eager')
    throw configInvalid(`"options.start" must be "lazy" or "eager", got ${shown(start)}`)
  if (handlers !== undefined && !isObject(handlers))
    throw configInvalid(`"options.handlers" must be an object, got ${typeName(handlers)}`)
  return options
}

function stuck(server: string, reason: string): SupervisorError {
  const message = `The lease of server "${server}" could not be ended: ${reason}`
  return new SupervisorError(failure('SHUTDOWN', message, { server, phase: 'shutdown' }))
}
