import type { ListMethod } from '../calls/ledger.js'
import type { Tool } from '../mcp.js'
import type { LastCatalog } from './catalog.js'
import type { Documents } from './documents.js'
import { withCatalog } from './store.js'

/** One connection of a server, and what it runs with. */
export interface Opening {
  readonly name: string
  readonly entry: { readonly id: string }
  readonly generation: number
}

type Introduction = Pick<LastCatalog, 'serverInfo' | 'protocolVersion' | 'capabilities' | 'instructions'>

/** The last good catalogue of each server, for as long as its configuration stays what it was. */
export interface CatalogMemory {
  /** A server is started with a configuration of that digest: what is known under another no longer counts. */
  begin(of: Opening, digest: string, mask: (text: string) => string): void
  introduced(of: Opening, introduction: Introduction): void
  listed(of: Opening, tools: readonly Tool[], at: number): void
  itemsListed(of: Opening, method: Exclude<ListMethod, 'tools/list'>, items: readonly unknown[]): void
  /** What is known under that entry, and from which connection; from the store before there was any. */
  find(name: string, entryId: string): { readonly catalog: LastCatalog; readonly generation: number } | undefined
  forget(name: string): void
}

interface Known {
  readonly entryId: string
  digest?: string
  mask: (text: string) => string
  generation: number
  introduction?: Introduction
  catalog?: LastCatalog
}

const keys = {
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
} as const

/** `digestOf` identifies an entry as it is written, across processes. */
export function createCatalogMemory(
  documents: Documents,
  digestOf: (entryId: string) => string | undefined,
): CatalogMemory {
  const servers = new Map<string, Known>()

  /** What is known under an entry: nothing when it is another one than before, but for what was stored. */
  function under(name: string, entryId: string): Known {
    const known = servers.get(name)
    if (known?.entryId === entryId) return known
    const stored = documents.read(name)?.catalogs.find(({ digest }) => digest === digestOf(entryId))
    // Only the first entry of a process is one of which nothing newer is known than what is stored.
    const catalog = known ? undefined : stored?.catalog
    const made: Known = { entryId, mask: (text) => text, generation: 0, ...(catalog && { catalog }) }
    servers.set(name, made)
    return made
  }

  function keep({ name, entry }: Opening, known: Known, catalog: LastCatalog): void {
    known.catalog = catalog
    const digest = digestOf(entry.id)
    if (digest === undefined) return
    documents.update(name, (document) => withCatalog(document, name, { digest, catalog }), known.mask)
  }

  return {
    begin({ name, entry }, digest, mask) {
      const known = under(name, entry.id)
      known.mask = mask
      if (known.digest !== undefined && known.digest !== digest) delete known.catalog
      known.digest = digest
    },
    introduced({ name, entry }, introduction) {
      const { serverInfo, protocolVersion, capabilities, instructions } = introduction
      const told = { serverInfo, protocolVersion, capabilities }
      under(name, entry.id).introduction = instructions === undefined ? told : { ...told, instructions }
    },
    listed(of, tools, listedAt) {
      const known = under(of.name, of.entry.id)
      const { introduction } = known
      if (!introduction) return
      const { resources, resourceTemplates, prompts } = known.catalog ?? {}
      known.generation = of.generation
      keep(of, known, {
        ...introduction,
        tools,
        ...(resources && { resources }),
        ...(resourceTemplates && { resourceTemplates }),
        ...(prompts && { prompts }),
        listedAt,
      })
    },
    itemsListed(of, method, items) {
      const known = under(of.name, of.entry.id)
      if (known.catalog) keep(of, known, { ...known.catalog, [keys[method]]: items })
    },
    find(name, entryId) {
      const { catalog, generation } = under(name, entryId)
      return catalog && { catalog, generation }
    },
    forget: (name) => void servers.delete(name),
  }
}
