import type { CatalogMemory } from '../catalogs/memory.js'
import type { ToolPins } from '../catalogs/tool-pins.js'
import type { HeldTool, SupervisorEvent } from '../events.js'
import type { Tool, ToolAnnotations } from '../mcp.js'
import type { ConnectionInput } from '../messages.js'
import { createHeldNews } from './held-news.js'
import { about } from './notices.js'
import { createToolMemory } from './tool-memory.js'

/** What becomes of the tools that servers list: they are told, remembered, and compared with those before. */
export interface Listings {
  heard(of: ConnectionInput, listing: HeardListing): void
  /** What the server last said of a tool. */
  annotations(server: string, tool: string): ToolAnnotations | undefined
  forget(server: string): void
}

interface HeardListing extends Pick<Extract<SupervisorEvent, { type: 'tools.listed' }>, 'quarantined' | 'suspicious'> {
  readonly tools: readonly Tool[]
  readonly held: readonly HeldTool[]
}

export interface ListingsPorts {
  readonly emit: (event: SupervisorEvent) => void
  readonly now: () => number
  readonly catalogs: Pick<CatalogMemory, 'listed'>
  readonly pins: Pick<ToolPins, 'listed'>
}

export function createListings({ emit, now, catalogs, pins }: ListingsPorts): Listings {
  const memory = createToolMemory()
  const unheard = createHeldNews()
  return {
    heard(of, { tools, held, quarantined, suspicious }) {
      const { name, lease } = of
      emit({ type: 'tools.listed', ...about(of), tools: tools.length - held.length, quarantined, suspicious })
      pins.listed(of, tools)
      const news = unheard.of(name, held)
      if (news.length > 0) emit({ type: 'tools.held', ...about(of), tools: news })
      // The catalogue of a server is what all its callers share: a lease adds nothing to it.
      if (lease !== undefined) return
      catalogs.listed(of, tools, now())
      const changes = memory.remember(name, tools)
      if (changes) emit({ type: 'tools.changed', server: name, ...changes })
    },
    annotations: memory.annotations,
    forget(server) {
      memory.forget(server)
      unheard.forget(server)
    },
  }
}
