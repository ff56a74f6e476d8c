import type { Prompt, Resource, ResourceTemplate, Tool } from '../mcp.js'

/** What a server said of itself when it was last asked. */
export interface Catalog {
  readonly serverInfo: { readonly name: string; readonly version: string; readonly [key: string]: unknown }
  readonly protocolVersion: string
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly instructions?: string
  /** Those that the configuration lets through and that are lawful. */
  readonly tools: readonly Tool[]
  /** Absent, as templates and prompts, until somebody has asked for them. */
  readonly resources?: readonly Resource[]
  readonly resourceTemplates?: readonly ResourceTemplate[]
  readonly prompts?: readonly Prompt[]
  /** The server is away, or has not listed its tools since it came back: they may have changed. */
  readonly stale: boolean
  /** Epoch milliseconds at which the tools were listed. */
  readonly listedAt: number
}

/** A catalogue without what only the moment tells. */
export type LastCatalog = Omit<Catalog, 'stale'>
