import { createHash } from 'node:crypto'

import type { Tool } from '../mcp.js'

const digests = new WeakMap<Tool, string>()

/** Identifies a whole definition, in SHA-256; the order of its keys does not matter. */
export function digestTool(tool: Tool): string {
  const known = digests.get(tool)
  if (known !== undefined) return known
  const digest = createHash('sha256').update(JSON.stringify(tool, withSortedKeys)).digest('hex')
  digests.set(tool, digest)
  return digest
}

function withSortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
