import { type ServerIdentity, actorId } from '../../src/messages.js'
import type { Leases } from '../../src/supervisor/leases.js'
import type { Servers } from '../../src/supervisor/servers.js'
import type { Peers } from './sim-peers.js'

export interface SimLeasesParts {
  readonly leases: Leases
  readonly servers: Servers
  readonly peers: Peers
  readonly tell: ((line: string) => void) | undefined
  readonly violate: (what: string) => void
}

/** More are not held at the same time. */
const most = 3

/** The leases that the callers of a simulation hold, and those that they have closed. */
export function createSimLeases({ leases, servers, peers, tell, violate }: SimLeasesParts) {
  const held: ServerIdentity[] = []
  const closing = new Set<ServerIdentity>()
  const known = new Set<number | undefined>()

  async function close(of: ServerIdentity): Promise<void> {
    closing.add(of)
    const id = actorId(of)
    await leases.close(of).catch((error: Error) => violate(`${id} could not be ended: ${error.message}`))
    closing.delete(of)
    tell?.(`${id} is closed`)
    if (servers.actor(of)) violate(`${id} is closed and has an actor`)
    if ([...peers.living].some(({ input }) => actorId(input) === id)) violate(`${id} is closed and has a transport`)
  }

  return {
    held: held as readonly ServerIdentity[],
    nth: (n: number) => held[n % Math.max(held.length, 1)],
    /** Those whose close has not resolved. */
    closing: closing as ReadonlySet<ServerIdentity>,
    /** Whether a caller opened it, and not the policy of its server. */
    isHeld: ({ lease }: ServerIdentity) => known.has(lease),
    /** Whether a caller may use it; undefined for what is no lease. */
    isUsable: (of: ServerIdentity) => (of.lease === undefined ? undefined : held.includes(of)),

    open(name: string, start: 'lazy' | 'eager'): void {
      if (held.length >= most) return
      const of = leases.open(name, { start })
      tell?.(`${actorId(of)} of ${name} is opened`)
      known.add(of.lease)
      held.push(of)
    },
    close(n: number): void {
      const [of] = held.splice(n % Math.max(held.length, 1), 1)
      if (!of) return
      tell?.(`close ${actorId(of)}`)
      void close(of)
    },
  }
}
