/** Which tools of a server may be seen and called. Without lists, all. */
export interface ToolFilter {
  readonly includeTools?: readonly string[]
  readonly excludeTools?: readonly string[]
}

/** Whether a filter lets a tool through; `excludeTools` wins. */
export function allows({ includeTools, excludeTools }: ToolFilter, tool: string): boolean {
  return !excludeTools?.includes(tool) && (includeTools?.includes(tool) ?? true)
}
