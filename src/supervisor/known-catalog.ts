import type { Catalog } from '../catalogs/catalog.js'
import type { CatalogMemory } from '../catalogs/memory.js'
import type { ToolPins } from '../catalogs/tool-pins.js'
import { flatState } from '../machines/server.context.js'
import type { Servers } from './servers.js'

/** The last good catalogue of a server; undefined when none is known of its entry. */
export type KnownCatalog = (name: string) => Catalog | undefined

export interface KnownCatalogPorts {
  readonly servers: Pick<Servers, 'entry' | 'actor'>
  readonly catalogs: Pick<CatalogMemory, 'find'>
  readonly pins: Pick<ToolPins, 'heldAmong'>
}

/** It is fresh while the connection that it was read from is the one that is ready. */
export function createKnownCatalog({ servers, catalogs, pins }: KnownCatalogPorts): KnownCatalog {
  return (name) => {
    const entry = servers.entry(name)
    const known = entry && catalogs.find(name, entry.id)
    if (!known) return undefined
    const snapshot = servers.actor({ name })?.getSnapshot()
    const isReady = snapshot !== undefined && flatState(snapshot.value) === 'ready'
    const catalog = { ...known.catalog, stale: !isReady || snapshot.context.generation !== known.generation }
    if (entry.policy.tools !== 'pin') return catalog
    const held = pins.heldAmong({ name, entry }, catalog.tools)
    const hidden = new Set(held.map(({ definition }) => definition))
    return { ...catalog, tools: catalog.tools.filter((tool) => !hidden.has(tool)), held }
  }
}
