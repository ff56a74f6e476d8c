/** The shapes of MCP that cross the public API: plain data, keys we do not know are kept. */

/** A tool as its server describes it; keys we do not know are kept. */
export interface Tool {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly outputSchema?: Readonly<Record<string, unknown>>
  readonly annotations?: ToolAnnotations
  readonly [key: string]: unknown
}

/** Hints of the server about a tool; not to be trusted for safety. */
export interface ToolAnnotations {
  readonly title?: string
  readonly readOnlyHint?: boolean
  readonly destructiveHint?: boolean
  readonly idempotentHint?: boolean
  readonly openWorldHint?: boolean
}

/** The answer to a tool call, as it came. `isError` marks a failure that the tool itself reports: a result, not a throw. */
export interface CallToolResult {
  readonly content: readonly ContentBlock[]
  readonly structuredContent?: unknown
  readonly isError?: boolean
  readonly [key: string]: unknown
}

export interface ContentBlock {
  readonly type: string
  readonly [key: string]: unknown
}
