import type { TargetServer } from '../../src/machines/supervisor.events.js'
import type { ServerIdentity } from '../../src/messages.js'
import type { Root, Servers } from '../../src/supervisor/servers.js'
import { digestOf } from './sim-entries.js'

/** Looks at the servers, and their leases, whose entry is equal in `target`; the function it returns names those that were told something since. */
export function watchEqual(
  { root, servers }: { readonly root: Root; readonly servers: Pick<Servers, 'actor'> },
  target: readonly TargetServer[],
): () => ServerIdentity[] {
  const wanted = new Map(target.map(({ name, entry }) => [name, digestOf(entry.id)]))
  const children = Object.values(root.getSnapshot().context.children)
  const equal = children
    .filter(({ name, entry, status }) => status === 'present' && wanted.get(name) === digestOf(entry.id))
    .map((of) => ({ of, before: servers.actor(of)?.getSnapshot() }))
  return () => equal.filter(({ of, before }) => servers.actor(of)?.getSnapshot() !== before).map(({ of }) => of)
}
