import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AuthSettings } from './settings.js'
import type { ClientInformation, ResourceMetadata, ServerMetadata, Tokens } from './sdk.js'

/** Who authorizes for a resource, as its metadata and theirs say. */
export interface Discovery {
  readonly authorizationServerUrl: string
  /** None for a server of 2025-03-26, whose endpoints are at fixed paths. */
  readonly metadata?: ServerMetadata
  readonly resourceMetadata?: ResourceMetadata
}

/** What we hold for one resource: objects of the SDK are kept as they came, each stamped with its issuer. */
export interface Grant {
  readonly discovery?: Discovery
  readonly client?: ClientInformation
  /** Where the client was registered to be called back. */
  readonly redirectUri?: string
  readonly tokens?: Tokens
  /** The scopes that were asked for. */
  readonly scopes?: readonly string[]
  /** Epoch milliseconds. */
  readonly expiresAt?: number
}

const stamped = { issuer: z.string().optional() }
const grantSchema = z.object({
  discovery: z
    .object({
      authorizationServerUrl: z.string(),
      metadata: z.looseObject({ issuer: z.string(), token_endpoint: z.string() }).optional(),
      resourceMetadata: z.looseObject({ resource: z.string() }).optional(),
    })
    .optional(),
  client: z.looseObject({ client_id: z.string(), ...stamped }).optional(),
  redirectUri: z.string().optional(),
  tokens: z.looseObject({ access_token: z.string(), token_type: z.string(), ...stamped }).optional(),
  scopes: z.array(z.string()).optional(),
  expiresAt: z.number().optional(),
})

/** Reads a stored grant. Undefined for a text that is none. */
export function parseGrant(text: string): Grant | undefined {
  try {
    const { success, data } = grantSchema.safeParse(JSON.parse(text))
    // What we use of the rest was checked by the SDK before it was stored.
    return success ? (data as unknown as Grant) : undefined
  } catch {
    return undefined // Half a file, or another's: the caller tells it.
  }
}

/**
 * Where the grant of a resource is kept: a hash of the resource, and of the issuer and the client as the configuration
 * names them. Those that are only found out are stamped on what they gave, and compared whenever it is used.
 */
export function grantKey(resource: URL, { issuer, clientId, clientMetadataUrl, grantType }: AuthSettings): string {
  const identity = [resource.href, issuer ?? null, clientId ?? clientMetadataUrl ?? null, grantType]
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex')
}

export function issuerOf({ metadata, authorizationServerUrl }: Discovery): string {
  return metadata?.issuer ?? authorizationServerUrl
}

/** The grant as far as it may be used at the authorization server that was found now. */
export function boundTo(discovery: Discovery, { client, tokens, redirectUri, ...grant }: Grant): Grant {
  const isBound = (of: ClientInformation | Tokens) => isSame(of.issuer, issuerOf(discovery))
  return {
    ...grant,
    discovery,
    ...(client && isBound(client) && { client, ...(redirectUri !== undefined && { redirectUri }) }),
    ...(tokens && isBound(tokens) && { tokens }),
  }
}

/** Without its refresh token: the access token may be good for a while. */
export function withoutRefresh({ tokens, ...grant }: Grant): Grant {
  if (!tokens) return grant
  const { refresh_token: _refused, ...left } = tokens
  return { ...grant, tokens: left }
}

/** Without its tokens: they were refused for good. */
export function withoutTokens({ tokens: _tokens, expiresAt: _expiresAt, ...grant }: Grant): Grant {
  return grant
}

/** Without its client, which the authorization server does not know any more, and without the tokens it was given. */
export function withoutClient({ client: _client, redirectUri: _redirectUri, ...grant }: Grant): Grant {
  return withoutTokens(grant)
}

/** One issuer is often written with and without a slash at its end, and nothing else may differ. */
function isSame(a: string | undefined, b: string): boolean {
  return a !== undefined && (a === b || `${a}/` === b || a === `${b}/`)
}
