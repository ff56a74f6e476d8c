import type { HeldTool } from '../events.js'

/** What was told of held tools already: a server is listed again and again, by itself and by each of its leases. */
export interface HeldNews {
  /** Those that nobody was told of. */
  of(server: string, held: readonly HeldTool[]): readonly HeldTool[]
  forget(server: string): void
}

/** Definitions of one server that are remembered as told: a server may change for ever. */
const mostTold = 10_000

export function createHeldNews(): HeldNews {
  const servers = new Map<string, Set<string>>()
  return {
    of(server, held) {
      if (held.length === 0) return held
      const told = servers.get(server) ?? new Set()
      if (told.size > mostTold) told.clear()
      servers.set(server, told)
      const news = held.filter((tool) => !told.has(keyOf(tool)))
      for (const tool of news) told.add(keyOf(tool))
      return news
    },
    forget: (server) => void servers.delete(server),
  }
}

const keyOf = ({ name, digest, reason }: HeldTool): string => `${reason} ${digest} ${name}`
