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

/** One part of an answer or message: its `type` says which of the keys it has. */
export interface ContentBlock {
  readonly type: string
  /** Of a `text`. */
  readonly text?: string
  /** Of an `image` or `audio`, in Base64. */
  readonly data?: string
  readonly mimeType?: string
  readonly [key: string]: unknown
}

/** Something that can be read, as its server lists it. */
export interface Resource {
  readonly uri: string
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly mimeType?: string
  readonly [key: string]: unknown
}

/** A family of resources: an RFC 6570 template that makes their addresses. */
export interface ResourceTemplate {
  readonly uriTemplate: string
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly mimeType?: string
  readonly [key: string]: unknown
}

export interface ReadResourceResult {
  readonly contents: readonly ResourceContents[]
  readonly [key: string]: unknown
}

/** One part of a resource: `text`, or `blob` in Base64. */
export interface ResourceContents {
  readonly uri: string
  readonly mimeType?: string
  readonly text?: string
  readonly blob?: string
  readonly [key: string]: unknown
}

export interface Prompt {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly arguments?: readonly { readonly name: string; readonly description?: string; readonly required?: boolean }[]
  readonly [key: string]: unknown
}

export interface GetPromptResult {
  readonly description?: string
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: ContentBlock }[]
  readonly [key: string]: unknown
}

/** What is being completed: an argument of a prompt, or a variable of a resource template. */
export type CompletionReference =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string }

export interface CompletionResult {
  readonly values: readonly string[]
  readonly total?: number
  readonly hasMore?: boolean
}

/** How far something is; `progress` grows with each time it is told. */
export interface Progress {
  readonly progress: number
  readonly total?: number | undefined
  readonly message?: string | undefined
}

/** Severities of log messages, least severe first (RFC 5424). */
export type LogLevel = 'debug' | 'info' | 'notice' | 'warning' | 'error' | 'critical' | 'alert' | 'emergency'

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
  /** Names it, up to 2025-11-25; a later `notifications/elicitation/complete` with this id says that the person is done there. */
  readonly elicitationId?: string
  readonly [key: string]: unknown
}

export interface ElicitationResult {
  readonly action: 'accept' | 'decline' | 'cancel'
  /** The fields of an accepted form; those left out that have a default are filled in. */
  readonly content?: Readonly<Record<string, unknown>>
  /**
   * Of a page: the person is done there, so that nothing is waited for. Without it, `accept` says that the person agreed to
   * go there, and a call that was refused until then is made again when the server tells the end of it.
   */
  readonly isDone?: boolean
}
