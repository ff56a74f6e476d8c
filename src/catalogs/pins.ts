import type { HeldTool } from '../events.js'
import type { Tool } from '../mcp.js'
import { digestTool } from './tool-digest.js'

/** A definition that somebody trusts: the tool and its SHA-256. */
export interface Pin {
  readonly name: string
  readonly digest: string
}

/** The definitions that are trusted of a server as long as it is started or reached in one way. */
export interface Pins {
  /** Digest of that way. */
  readonly identity: string
  readonly tools: ReadonlyMap<string, string>
}

/**
 * All that is trusted under the name of one server, the way that was pinned last first. Undefined before anything was seen
 * of it, which is not the same as nothing being trusted.
 */
export type PinHistory = readonly Pins[] | undefined

/** Ways of one server whose pins are kept. */
export const mostIdentities = 8

/** Why a definition is not trusted; undefined when it is, and for a server of which nothing was seen yet. */
export function heldBy(history: PinHistory, identity: string, tool: Tool): HeldTool | undefined {
  if (!history) return undefined
  const own = history.find((pins) => pins.identity === identity)
  const digest = digestTool(tool)
  const pinned = (own ?? history[0])?.tools.get(tool.name)
  if (own && pinned === digest) return undefined
  const reason = own ? (pinned === undefined ? 'new' : 'changed') : 'server-changed'
  return { name: tool.name, reason, digest, ...(pinned !== undefined && { pinned }) }
}

/** The history in which these definitions are trusted, too, instead of others of the same names. */
export function withPins(history: PinHistory, identity: string, pins: Iterable<Pin>): readonly Pins[] {
  const own = history?.find((of) => of.identity === identity)
  const others = history?.filter((of) => of !== own) ?? []
  const tools = new Map(own?.tools)
  for (const { name, digest } of pins) tools.set(name, digest)
  return [{ identity, tools }, ...others].slice(0, mostIdentities)
}
