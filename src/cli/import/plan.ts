import { isDeepStrictEqual } from 'node:util'

import type { ServerEntry } from '../../config/index.js'
import type { PlainObject } from '../plain-object.js'
import type { ForeignServer } from './foreign-servers.js'
import { standardEntry } from './standard-entry.js'
import type { Target } from './read-target.js'

/** What an import does to a server of the target. */
export interface Change {
  readonly is: 'added' | 'replaced' | 'unchanged'
  readonly server: ForeignServer
  readonly parsed: ServerEntry
  /** As it is written. */
  readonly entry: PlainObject
}

export interface Plan {
  readonly changes: readonly Change[]
  /** Definitions that differ, of which none may win unasked. */
  readonly clashes: readonly string[]
}

/** Decides what becomes of each server. With `isForced` a later definition wins over an earlier, and each over the target's. */
export function planImport(servers: readonly ForeignServer[], target: Target, isForced: boolean): Plan {
  const chosen = new Map<string, Change>()
  const clashes: string[] = []
  for (const server of servers) {
    const { name, entry: parsed, file } = server
    if (!parsed) continue
    const entry = standardEntry(parsed)
    const other = chosen.get(name)
    if (other && isDeepStrictEqual(other.entry, entry)) continue
    if (other && !isForced) clashes.push(`"${name}" differs between ${other.server.file.path} and ${file.path}`)
    const written = target.entries.get(name)
    const is = written === undefined ? 'added' : isDeepStrictEqual(written, entry) ? 'unchanged' : 'replaced'
    if (is === 'replaced' && !isForced) clashes.push(`"${name}" differs between ${file.path} and ${target.path}`)
    chosen.set(name, { is, server, parsed, entry })
  }
  return { changes: [...chosen.values()], clashes }
}
