import type { HeldTool } from '../events.js'
import { type ServerIdentity, actorId } from '../messages.js'

/** Of the tools that a listing holds, those that the listing before did not. */
export type HeldNews = (of: ServerIdentity, held: readonly HeldTool[]) => readonly HeldTool[]

/** A server that is listed again and again is told of once. */
export function createHeldNews(): HeldNews {
  const told = new Map<string, ReadonlySet<string>>()
  return (of, held) => {
    const id = actorId(of)
    const before = told.get(id)
    if (held.length > 0) told.set(id, new Set(held.map(keyOf)))
    else told.delete(id)
    return held.filter((tool) => !before?.has(keyOf(tool)))
  }
}

const keyOf = ({ name, digest, reason }: HeldTool): string => `${reason} ${digest} ${name}`
