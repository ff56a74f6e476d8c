import type { EventOf } from '../events.js'
import { type Documents, createDocuments } from './documents.js'
import { type CatalogMemory, createCatalogMemory } from './memory.js'
import type { CatalogStore } from './store.js'
import { type ToolPins, createToolPins } from './tool-pins.js'

/** What is known of servers beyond their connections, in memory and in a store. */
export interface Catalogs {
  readonly documents: Documents
  readonly catalogs: CatalogMemory
  readonly pins: ToolPins
}

/** How entries are identified across processes. */
export interface EntryDigests {
  /** As it is written. */
  digestOf(entryId: string): string | undefined
  /** How its server is started or reached. */
  wayOf(entryId: string): string | undefined
}

export interface CatalogsParts {
  readonly store: CatalogStore | undefined
  readonly digests: EntryDigests
  readonly now: () => number
  readonly emit: (event: EventOf<'catalog.unusable'>) => void
}

export function createCatalogs({ store, digests: { digestOf, wayOf }, now, emit }: CatalogsParts): Catalogs {
  const documents = createDocuments(store, emit)
  const catalogs = createCatalogMemory(documents, digestOf)
  return { documents, catalogs, pins: createToolPins({ documents, wayOf, catalogs, now }) }
}
