import { messageOf } from '../errors.js'
import type { EventOf } from '../events.js'
import { storable } from './storable.js'
import { type CatalogDocument, type CatalogStore, mostDocumentBytes, parseDocument } from './store.js'

/** The documents of a store, read once and written behind. A store that fails costs what it should have kept, never a call. */
export interface Documents {
  read(server: string): CatalogDocument | undefined
  /** As `read`; what another process has stored meanwhile counts, unless there is something newer to be stored here. */
  readAgain(server: string): CatalogDocument | undefined
  /**
   * Writes what `change` makes of the document, with the secrets that `mask` knows taken out. `change` may be asked more than
   * once: its outcome is compared with what was written last, then made of what is in the store.
   */
  update(server: string, change: (document: Partial<CatalogDocument>) => CatalogDocument, mask: Mask): void
  /** Resolves when all is written, or could not be. */
  settled(): Promise<void>
}

type Mask = (text: string) => string

interface Held {
  document: CatalogDocument | undefined
  /** The text that was given to the store last, without times. */
  written?: string
  writing?: Promise<void>
  isNewer: boolean
  /** The store did not take it. */
  isUnsaved: boolean
}

/** `emit` tells why a document could not be used or stored. */
export function createDocuments(
  store: CatalogStore | undefined,
  emit: (event: EventOf<'catalog.unusable'>) => void,
): Documents {
  const documents = new Map<string, Held>()
  const failed = (server: string, reason: string) => emit({ type: 'catalog.unusable', server, reason })

  function hold(server: string): Held {
    const held = documents.get(server)
    if (held) return held
    const found = load(server)
    if (found && 'wrong' in found) failed(server, found.wrong)
    const document = found && 'wrong' in found ? untrusting(server) : found
    const made: Held = { document, isNewer: false, isUnsaved: false }
    documents.set(server, made)
    return made
  }

  function load(server: string): CatalogDocument | { wrong: string } | undefined {
    try {
      const input = store?.read(server)
      if (input === undefined) return undefined
      const read = parseDocument(server, input)
      return 'document' in read ? read.document : { wrong: `the stored catalogue is not one: ${read.wrong}` }
    } catch (error) {
      return { wrong: `the stored catalogue could not be read: ${messageOf(error)}` }
    }
  }

  function readAgain(server: string): CatalogDocument | undefined {
    const held = hold(server)
    const found = held.writing || held.isUnsaved ? undefined : load(server)
    if (found && !('wrong' in found)) held.document = found
    return held.document
  }

  async function write(server: string, held: Held): Promise<void> {
    while (held.isNewer && held.document) {
      held.isNewer = false
      try {
        await store?.write(server, held.document)
        held.isUnsaved = false
      } catch (error) {
        held.isUnsaved = true
        failed(server, `the catalogue could not be stored: ${messageOf(error)}`)
      }
    }
    delete held.writing
  }

  return {
    read: (server) => hold(server).document,
    readAgain,
    update(server, change, mask) {
      if (!store) return
      const held = hold(server)
      const draft = storable(change(held.document ?? {}), mask)
      if (!draft || draft.isCut)
        failed(server, `the catalogue is longer than ${mostDocumentBytes} bytes and was not stored`)
      if (draft?.text === held.written) return
      const stored = storable(change(readAgain(server) ?? {}), mask)
      if (!stored) return
      Object.assign(held, { document: stored.document, written: stored.text, isNewer: true })
      held.writing ??= write(server, held)
    },
    async settled() {
      await Promise.all([...documents.values()].flatMap(({ writing }) => writing ?? []))
    },
  }
}

/** Of what cannot be read: there may have been pins in it, so nothing is trusted, rather than whatever comes next. */
const untrusting = (server: string): CatalogDocument => ({ version: 1, server, catalogs: [], pins: [] })
