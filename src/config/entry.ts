import type { Policy } from './defaults.js'

/** A configured server after parsing: shape checked, aliases folded, placeholders still in place. */
export interface ServerEntry {
  readonly endpoint: Endpoint
  readonly policy: Policy
  readonly disabled: boolean
  readonly description?: string
  readonly includeTools?: readonly string[]
  readonly excludeTools?: readonly string[]
  /** Path of a dotenv file whose variables are added below `env`. */
  readonly envFile?: string
  readonly oauth?: OAuthSettings | false
  /** Default: `auto`. */
  readonly protocolEra?: ProtocolEra
  /** The `env` of an HTTP server: its placeholders look there first, nothing else uses it. */
  readonly variables?: Readonly<Record<string, string>>
}

/** What is known of a server's authorization beforehand: `clientId`, `scopes` and the like. */
export type OAuthSettings = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** The eras of the protocol: with a handshake up to 2025-11-25, without one since 2026-07-28. */
export type Era = 'legacy' | 'modern'

/** The era to speak, or whichever the server speaks. */
export type ProtocolEra = 'auto' | Era

/** The transports, as statuses and files name them. */
export type TransportKind = 'stdio' | 'http' | 'sse'

/** How to reach a server. The same shape before and after placeholders are resolved. */
export type Endpoint = StdioEndpoint | HttpEndpoint

export interface StdioEndpoint {
  readonly transport: 'stdio'
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
}

export interface HttpEndpoint {
  /** `http` is Streamable HTTP alone, `sse` the older two-endpoint form alone, `auto` the first with the second as fallback. */
  readonly transport: 'http' | 'sse' | 'auto'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** One entry of a configuration: parsed, or the reason why it could not be. */
export type ParsedEntry =
  | { readonly ok: true; readonly entry: ServerEntry }
  | { readonly ok: false; readonly message: string }
