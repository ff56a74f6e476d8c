import type { EventOf } from '../events.js'
import { type CatalogDocument, type CatalogStore, mostDocumentBytes, parseDocument } from './store.js'

/** The documents of a store, read once and written behind. A store that fails costs what it should have kept, never a call. */
export interface Documents {
  read(server: string): CatalogDocument | undefined
  /** Writes what `change` makes of the document, with the secrets that `mask` knows taken out. */
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
    const made: Held = { document: load(server), isNewer: false }
    documents.set(server, made)
    return made
  }

  function load(server: string): CatalogDocument | undefined {
    try {
      const input = store?.read(server)
      if (input === undefined) return undefined
      const read = parseDocument(server, input)
      if ('document' in read) return read.document
      failed(server, `the stored catalogue is not one: ${read.wrong}`)
    } catch (error) {
      failed(server, `the stored catalogue could not be read: ${reasonOf(error)}`)
    }
    // There may have been pins in it: nothing is trusted, rather than whatever comes next.
    return { version: 1, server, catalogs: [], pins: [] }
  }

  async function write(server: string, held: Held): Promise<void> {
    while (held.isNewer && held.document) {
      held.isNewer = false
      try {
        await store?.write(server, held.document)
      } catch (error) {
        failed(server, `the catalogue could not be stored: ${reasonOf(error)}`)
      }
    }
    delete held.writing
  }

  return {
    read: (server) => hold(server).document,
    update(server, change, mask) {
      if (!store) return
      const held = hold(server)
      const changed = change(held.document ?? {})
      const masked = maskedDocument(changed, mask)
      if (!masked) failed(server, `the catalogue is longer than ${mostDocumentBytes} bytes and was not stored`)
      const stored = masked ?? withoutCatalogs(changed, mask)
      if (!stored) return
      const { document, text } = stored
      if (text === held.written) return
      Object.assign(held, { document, written: text, isNewer: true })
      held.writing ??= write(server, held)
    },
    async settled() {
      await Promise.all([...documents.values()].flatMap(({ writing }) => writing ?? []))
    },
  }
}

/** What may be stored: its text without times tells whether it is news. */
function maskedDocument(document: CatalogDocument, mask: Mask) {
  const text = mask(JSON.stringify(document))
  if (Buffer.byteLength(text) > mostDocumentBytes) return undefined
  const timeless = text.replaceAll(/"listedAt":[\d.]+/g, '')
  return { document: JSON.parse(text) as CatalogDocument, text: timeless }
}

/** What is trusted is kept when nothing else can be; when not even that can, nothing is trusted. */
function withoutCatalogs({ pins, ...others }: CatalogDocument, mask: Mask) {
  if (!pins) return undefined
  const bare = { ...others, catalogs: [] }
  return maskedDocument({ ...bare, pins }, mask) ?? maskedDocument({ ...bare, pins: [] }, mask)
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
