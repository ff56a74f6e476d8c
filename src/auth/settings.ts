import type { OAuthSettings } from '../config/entry.js'

/** What an entry says of its authorization beforehand, by name. */
export interface AuthSettings {
  readonly clientId?: string
  readonly clientSecret?: string
  /** The https address of a client id metadata document. */
  readonly clientMetadataUrl?: string
  /** PKCS #8 in PEM, for `private_key_jwt`. */
  readonly privateKey?: string
  readonly signingAlgorithm: string
  readonly grantType: 'authorization_code' | 'client_credentials'
  readonly scopes: readonly string[]
  readonly redirectUri?: string
  readonly callbackPort?: number
  /** The only authorization server that may be used. */
  readonly issuer?: string
  readonly authServerMetadataUrl?: string
  readonly authorizationUrl?: string
  readonly tokenUrl?: string
  readonly registrationUrl?: string
}

const texts = [
  ...(['clientId', 'clientSecret', 'clientMetadataUrl', 'privateKey', 'redirectUri', 'issuer'] as const),
  ...(['authServerMetadataUrl', 'authorizationUrl', 'tokenUrl', 'registrationUrl'] as const),
]

export function readSettings(oauth: OAuthSettings = {}): AuthSettings {
  const { callbackPort, scopes, grantType, signingAlgorithm } = oauth
  return {
    ...Object.fromEntries(texts.flatMap((key) => (typeof oauth[key] === 'string' ? [[key, oauth[key]]] : []))),
    ...(typeof callbackPort === 'number' && { callbackPort }),
    scopes: Array.isArray(scopes) ? scopes.map(String) : [],
    grantType: grantType === 'client_credentials' ? grantType : 'authorization_code',
    signingAlgorithm: typeof signingAlgorithm === 'string' ? signingAlgorithm : 'RS256',
  }
}

/** Hosts that the configuration itself names: it may name private ones, what a server says may not. */
export function namedHosts(settings: AuthSettings): string[] {
  const { issuer, authServerMetadataUrl, authorizationUrl, tokenUrl, registrationUrl } = settings
  const urls = [issuer, authServerMetadataUrl, authorizationUrl, tokenUrl, registrationUrl]
  return urls.flatMap((url) => (url !== undefined && URL.canParse(url) ? [new URL(url).hostname] : []))
}
