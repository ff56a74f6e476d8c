import type { HeldTool } from '../events.js'
import type { Prompt, Resource, ResourceTemplate, Tool } from '../mcp.js'

/** What a server said of itself when it was last asked. */
export interface Catalog {
  readonly serverInfo: { readonly name: string; readonly version: string; readonly [key: string]: unknown }
  readonly protocolVersion: string
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly instructions?: string
  /** Those that the configuration lets through, that are lawful and that are not held. */
  readonly tools: readonly Tool[]
  /** Those that wait for approval; absent for a server that does not pin its tools. */
  readonly held?: readonly HeldDefinition[]
  /** Absent, as templates and prompts, until somebody has asked for them. */
  readonly resources?: readonly Resource[]
  readonly resourceTemplates?: readonly ResourceTemplate[]
  readonly prompts?: readonly Prompt[]
  /** The server is away, or has not listed its tools since it came back: they may have changed. */
  readonly stale: boolean
  /** Epoch milliseconds at which the tools were listed. */
  readonly listedAt: number
}

/** A tool that is held, with the definition that somebody should look at. */
export interface HeldDefinition extends HeldTool {
  readonly definition: Tool
}

/** A catalogue without what only the moment tells; of its tools, nobody has looked whether they are held. */
export type LastCatalog = Omit<Catalog, 'stale' | 'held'>
