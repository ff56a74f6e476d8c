import { z } from 'zod'

import type { LastCatalog } from './catalog.js'
import { type Pin, type PinHistory, type Pins, mostIdentities } from './pins.js'

/**
 * Where catalogues, and the definitions that are approved, outlive the process: one document a server. What is read is not
 * trusted: a document that is not one is told as `catalog.unusable`, and with it nothing is approved.
 */
export interface CatalogStore {
  /** The document that was written last for a server; undefined when none was. Called before a server is first used. */
  read(server: string): unknown
  /** Replaces the document of a server. One write for a server is under way at a time. */
  write(server: string, document: CatalogDocument): void | Promise<void>
}

/** Plain data, the secrets of the configuration masked. */
export interface CatalogDocument {
  readonly version: 1
  readonly server: string
  /** By the digest of the configuration that each was listed under, the latest first. */
  readonly catalogs: readonly { readonly digest: string; readonly catalog: LastCatalog }[]
  /**
   * The definitions that are approved, where tools are pinned: for each way in which the server was started or reached, the
   * latest first. An empty list trusts nothing; without one, what is seen next is trusted.
   */
  readonly pins?: readonly StoredPins[]
}

export interface StoredPins {
  readonly identity: string
  readonly tools: readonly Pin[]
}

/** Configurations of one server whose catalogues are kept. */
const mostConfigurations = 8
/** A longer document is not stored: a server decides how long its catalogue is. */
export const mostDocumentBytes = 4 * 1024 * 1024

const items = z.array(z.looseObject({}))
const catalog = z.looseObject({
  serverInfo: z.looseObject({ name: z.string(), version: z.string() }),
  protocolVersion: z.string(),
  capabilities: z.record(z.string(), z.unknown()),
  instructions: z.string().optional(),
  tools: z.array(z.looseObject({ name: z.string().min(1), inputSchema: z.looseObject({}) })),
  resources: items.optional(),
  resourceTemplates: items.optional(),
  prompts: items.optional(),
  listedAt: z.number(),
})
const document = z.object({
  version: z.literal(1),
  server: z.string(),
  catalogs: z.array(z.object({ digest: z.string(), catalog })).max(mostConfigurations),
  pins: z
    .array(z.object({ identity: z.string(), tools: z.array(z.object({ name: z.string(), digest: z.string() })) }))
    .max(mostIdentities)
    .optional(),
})

/** The document of a server, or why what was read is none. */
export function parseDocument(server: string, input: unknown): { document: CatalogDocument } | { wrong: string } {
  const read = document.safeParse(input)
  if (!read.success) {
    const [issue] = read.error.issues
    return { wrong: `"${issue?.path.join('.') || 'document'}": ${issue?.message}` }
  }
  if (read.data.server !== server) return { wrong: `it is of another server` }
  return { document: input as CatalogDocument }
}

/** The document with this catalogue as the latest. */
export function withCatalog(
  { catalogs = [], ...others }: Partial<CatalogDocument>,
  server: string,
  latest: { readonly digest: string; readonly catalog: LastCatalog },
): CatalogDocument {
  const earlier = catalogs.filter(({ digest }) => digest !== latest.digest)
  return { ...others, version: 1, server, catalogs: [latest, ...earlier].slice(0, mostConfigurations) }
}

/** The document with this as all that is trusted of the server. */
export function withPinHistory(
  { catalogs = [] }: Partial<CatalogDocument>,
  server: string,
  history: readonly Pins[],
): CatalogDocument {
  const pins = history.map(({ identity, tools }) => ({
    identity,
    tools: [...tools].map(([name, digest]) => ({ name, digest })),
  }))
  return { version: 1, server, catalogs, pins }
}

/** What a document says is trusted. */
export function pinsIn(of: CatalogDocument | undefined): PinHistory {
  return of?.pins?.map(({ identity, tools }) => ({
    identity,
    tools: new Map(tools.map(({ name, digest }) => [name, digest])),
  }))
}
