import type { Tool, ToolAnnotations } from '../mcp.js'

/** What each server last said of its tools: remembered while it is away. */
export interface ToolMemory {
  remember(server: string, tools: readonly Tool[]): void
  annotations(server: string, tool: string): ToolAnnotations | undefined
  forget(server: string): void
}

export function createToolMemory(): ToolMemory {
  const servers = new Map<string, ReadonlyMap<string, Tool>>()
  return {
    remember: (server, tools) => void servers.set(server, new Map(tools.map((tool) => [tool.name, tool]))),
    annotations: (server, tool) => servers.get(server)?.get(tool)?.annotations,
    forget: (server) => void servers.delete(server),
  }
}
