import type * as client from '@modelcontextprotocol/client'
import type {
  AuthorizationServerMetadata,
  OAuthProtectedResourceMetadata,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client'

export type Sdk = typeof client
export type ClientInformation = StoredOAuthClientInformation
export type Tokens = StoredOAuthTokens
export type ServerMetadata = AuthorizationServerMetadata
export type ResourceMetadata = OAuthProtectedResourceMetadata

/**
 * The steps of OAuth are those of the MCP SDK; their order, and what is kept between them, is ours. It is loaded when a
 * server asks for authorization, and not before.
 */
export const loadSdk = (): Promise<Sdk> => import('@modelcontextprotocol/client')
