import type { HeldTool } from '../events.js'
import type { Tool } from '../mcp.js'
import type { EntryRef } from '../messages.js'
import type { HeldDefinition } from './catalog.js'
import type { Documents } from './documents.js'
import type { CatalogMemory } from './memory.js'
import { type Pin, type PinHistory, heldBy, withPins } from './pins.js'
import { pinsIn, withPinHistory } from './store.js'
import { digestTool } from './tool-digest.js'

/** A server and what it runs with. */
export interface PinnedServer {
  readonly name: string
  readonly entry: Pick<EntryRef, 'id' | 'policy'>
}

/** The definitions that are trusted of one connection. */
export interface PinGate {
  /** Everything that is ever seen of a server first is trusted, its hidden tools included; later this does nothing. */
  trustFirst(tools: readonly Tool[]): void
  /** Why a definition may not be seen or called; undefined when it may. */
  heldBy(tool: Tool): HeldTool | undefined
}

/** The definitions that are trusted, of all servers that pin theirs. They outlive a server, and with a store the process. */
export interface ToolPins {
  /** Undefined for a server that does not pin its tools. */
  gate(of: PinnedServer, mask: (text: string) => string): PinGate | undefined
  /** A connection of the server has listed these: from now on they are what can be approved, if it pins its tools. */
  listed(of: PinnedServer, tools: readonly Tool[]): void
  /** Those that may not be seen or called. */
  heldAmong(of: PinnedServer, tools: readonly Tool[]): readonly HeldDefinition[]
  /** What can be approved: nothing of a server that does not pin its tools. */
  held(of: PinnedServer): readonly HeldDefinition[]
  /** Whether exactly this definition is trusted. */
  has(of: PinnedServer, pin: Pin): boolean
  /** Trusts these definitions, from now on; that is stored in the background. */
  approve(of: PinnedServer, pins: readonly Pin[]): void
}

/** What is held may have been approved by another process: it is looked for no more often than this. */
const rereadMs = 1_000

interface Known {
  history: PinHistory
  mask: (text: string) => string
  /** When the store was last asked what is trusted. */
  readAt: number
  latest?: { readonly entryId: string; readonly tools: readonly Tool[] }
}

export interface ToolPinsParts {
  readonly documents: Documents
  /** How the server of an entry is started or reached: in every process the same. */
  readonly wayOf: (entryId: string) => string | undefined
  /** What is known of a server that no connection has listed yet. */
  readonly catalogs: Pick<CatalogMemory, 'find'>
  readonly now: () => number
}

export function createToolPins({ documents, wayOf, catalogs, now }: ToolPinsParts): ToolPins {
  const servers = new Map<string, Known>()

  function known(name: string): Known {
    const found = servers.get(name) ?? { history: pinsIn(documents.read(name)), mask: (text) => text, readAt: now() }
    servers.set(name, found)
    return found
  }

  // An entry that cannot be read is never connected: nothing is trusted of it.
  const wayTo = ({ entry }: PinnedServer): string => wayOf(entry.id) ?? ''

  /** Takes over what another process has approved. A store in which there is nothing any more takes nothing away. */
  function catchUp(name: string, server: Known): void {
    server.history = pinsIn(documents.readAgain(name)) ?? server.history
    server.readAt = now()
  }

  function pin(name: string, way: string, pins: Iterable<Pin>): void {
    const server = known(name)
    catchUp(name, server)
    const history = withPins(server.history, way, pins)
    server.history = history
    documents.update(name, (document) => withPinHistory(document, name, history), server.mask)
  }

  function heldAmong(of: PinnedServer, tools: readonly Tool[]): HeldDefinition[] {
    const { history } = known(of.name)
    const way = wayTo(of)
    return tools.flatMap((definition) => {
      const held = heldBy(history, way, definition)
      return held ? { ...held, definition } : []
    })
  }

  return {
    gate(of, mask) {
      if (of.entry.policy.tools !== 'pin') return undefined
      const way = wayTo(of)
      const server = known(of.name)
      server.mask = mask
      return {
        trustFirst(tools) {
          if (!server.history) catchUp(of.name, server)
          if (server.history) return
          const pins = tools.map((tool) => ({ name: tool.name, digest: digestTool(tool) }))
          pin(of.name, way, pins)
        },
        heldBy(tool) {
          const held = heldBy(server.history, way, tool)
          if (!held || now() - server.readAt < rereadMs) return held
          catchUp(of.name, server)
          return heldBy(server.history, way, tool)
        },
      }
    },
    listed({ name, entry }, tools) {
      if (entry.policy.tools === 'pin') known(name).latest = { entryId: entry.id, tools }
    },
    heldAmong,
    held(of) {
      const { name, entry } = of
      if (entry.policy.tools !== 'pin') return []
      const { latest } = known(name)
      const listed = latest?.entryId === entry.id ? latest.tools : catalogs.find(name, entry.id)?.catalog.tools
      return heldAmong(of, listed ?? [])
    },
    has(of, { name, digest }) {
      const way = wayTo(of)
      return (
        known(of.name)
          .history?.find((pins) => pins.identity === way)
          ?.tools.get(name) === digest
      )
    },
    approve: (of, pins) => pin(of.name, wayTo(of), pins),
  }
}
