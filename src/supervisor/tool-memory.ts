import type { Tool, ToolAnnotations } from '../mcp.js'
import { type ToolChanges, compareTools } from './tool-changes.js'

/** What each server last said of its tools: remembered while it is away. */
export interface ToolMemory {
  /** Takes a listing as the latest; returns what it changed, if there was one before and it differs. */
  remember(server: string, tools: readonly Tool[]): ToolChanges | undefined
  annotations(server: string, tool: string): ToolAnnotations | undefined
  forget(server: string): void
}

export function createToolMemory(): ToolMemory {
  const servers = new Map<string, ReadonlyMap<string, Tool>>()
  return {
    remember(server, tools) {
      const before = servers.get(server)
      const now = new Map(tools.map((tool) => [tool.name, tool]))
      servers.set(server, now)
      return before && compareTools(before, now)
    },
    annotations: (server, tool) => servers.get(server)?.get(tool)?.annotations,
    forget: (server) => void servers.delete(server),
  }
}
