import { digestTool } from '../catalogs/tool-digest.js'
import type { Tool } from '../mcp.js'

/** How two listings of one server differ, by the names of the tools. */
export interface ToolChanges {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Tools whose definition is another, with the digests of both. */
  readonly changed: readonly { readonly name: string; readonly from: string; readonly to: string }[]
}

type Tools = ReadonlyMap<string, Tool>

/** What makes `now` of `before`; undefined when they are the same, whatever the order of tools and keys. */
export function compareTools(before: Tools, now: Tools): ToolChanges | undefined {
  const added = [...now.keys()].filter((name) => !before.has(name))
  const removed = [...before.keys()].filter((name) => !now.has(name))
  const changed = [...now].flatMap(([name, tool]) => {
    const old = before.get(name)
    // Most definitions stay as they are, key for key: only the others are worth a digest.
    if (!old || JSON.stringify(old) === JSON.stringify(tool)) return []
    const [from, to] = [digestTool(old), digestTool(tool)]
    return from === to ? [] : [{ name, from, to }]
  })
  return added.length + removed.length + changed.length > 0 ? { added, removed, changed } : undefined
}
