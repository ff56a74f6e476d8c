import { isDeepStrictEqual } from 'node:util'

import { diffServers } from '../config/diff.js'
import type { ParsedEntry } from '../config/entry.js'
import type { ReloadChanges } from '../events.js'

type Entries = ReadonlyMap<string, ParsedEntry>

export interface AroundReload {
  readonly stopped: ReadonlySet<string>
  readonly before: Entries
  readonly after: Entries
}

/**
 * What a reload changed, with the servers among it that are stopped: they have no actor that could follow, and are compared
 * as they are written. Names are in the order of the configuration.
 */
export function withStopped(changes: ReloadChanges, { stopped, before, after }: AroundReload): ReloadChanges {
  const inForce = (entries: Entries) =>
    [...stopped].filter((name) => {
      const entry = entries.get(name)
      return entry?.ok && !entry.entry.disabled
    })
  const isSame = (name: string) => isDeepStrictEqual(before.get(name), after.get(name))
  const own = diffServers(
    new Map(inForce(before).map((name) => [name, 'before'])),
    new Map(inForce(after).map((name) => [name, isSame(name) ? 'before' : 'after'])),
  )
  const join = (key: keyof typeof own, order: Entries) => {
    const names = new Set([...changes[key], ...own[key]])
    return [...order.keys()].filter((name) => names.has(name))
  }
  return {
    ...changes,
    added: join('added', after),
    removed: join('removed', before),
    updated: join('updated', after),
    unchanged: join('unchanged', after),
  }
}
