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

/** A folder or file that a server may work in. */
export interface Root {
  /** A `file:` URI. */
  readonly uri: string
  readonly name?: string
}

/** What a server wants a model to answer. */
export interface SamplingRequest {
  readonly messages: readonly SamplingMessage[]
  readonly maxTokens: number
  readonly systemPrompt?: string
  readonly [key: string]: unknown
}

export interface SamplingMessage {
  readonly role: 'user' | 'assistant'
  readonly content: ContentBlock | readonly ContentBlock[]
}

/** The message of the model. */
export interface SamplingResult extends SamplingMessage {
  readonly model: string
  readonly stopReason?: string
  readonly [key: string]: unknown
}

/** What a server wants a person to fill in. */
export interface FormElicitation {
  readonly message: string
  /** A flat object schema: each property is a field of the form. */
  readonly requestedSchema: Readonly<Record<string, unknown>>
  readonly [key: string]: unknown
}

/** A page that a server wants a person to visit. Never open it without asking. */
export interface UrlElicitation {
  readonly message: string
  readonly url: string
  readonly [key: string]: unknown
}

export interface ElicitationResult {
  readonly action: 'accept' | 'decline' | 'cancel'
  /** The fields of an accepted form; those left out that have a default are filled in. */
  readonly content?: Readonly<Record<string, unknown>>
}
