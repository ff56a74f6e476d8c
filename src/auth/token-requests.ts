import type { Flow } from './flow.js'
import { type Discovery, type Grant, issuerOf } from './grant.js'
import type { ClientInformation, Tokens } from './sdk.js'
import { step } from './step.js'

/** A code that a login brought, with what was said when it began. */
export interface Code {
  readonly code: string
  readonly iss?: string
  readonly verifier: string
  readonly redirectUri: string
}

/** Exchanges a code for tokens. */
export async function exchangeCode(flow: Flow, discovery: Discovery, client: ClientInformation, by: Code) {
  const { sdk } = flow
  return tokensOf(
    flow,
    discovery,
    await step('token', flow, () =>
      sdk.exchangeAuthorization(discovery.authorizationServerUrl, {
        ...common(flow, discovery),
        clientInformation: client,
        authorizationCode: by.code,
        ...(by.iss !== undefined && { iss: by.iss }),
        codeVerifier: by.verifier,
        redirectUri: by.redirectUri,
      }),
    ),
  )
}

/** Exchanges a refresh token for new tokens; the one that was used is kept when no other comes back. */
export async function refresh(flow: Flow, discovery: Discovery, client: ClientInformation, refreshToken: string) {
  const { sdk } = flow
  return tokensOf(
    flow,
    discovery,
    await step('refresh', flow, () =>
      sdk.refreshAuthorization(discovery.authorizationServerUrl, {
        ...common(flow, discovery),
        clientInformation: client,
        refreshToken,
      }),
    ),
  )
}

/** Gets tokens for the client itself; no person is asked. */
export async function clientCredentials(
  flow: Flow,
  discovery: Discovery,
  client: ClientInformation,
  scopes: readonly string[],
) {
  const { sdk, settings } = flow
  const { addClientAuthentication, ...rest } = common(flow, discovery)
  const asked = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scopes.length > 0) asked.set('scope', scopes.join(' '))
  // The SDK asks a provider for everything; this one answers what there is to say of this grant.
  const provider = {
    redirectUrl: undefined,
    clientMetadata: { client_name: 'mcpvisor', redirect_uris: [] },
    clientInformation: () => client,
    tokens: () => undefined,
    saveTokens: () => {},
    redirectToAuthorization: () => {},
    saveCodeVerifier: () => {},
    codeVerifier: () => '',
    prepareTokenRequest: () => asked,
    ...(addClientAuthentication && settings.privateKey !== undefined && { addClientAuthentication }),
  }
  const fetched = await step('token', flow, () => sdk.fetchToken(provider, discovery.authorizationServerUrl, rest))
  return tokensOf(flow, discovery, fetched)
}

function common({ sdk, fetch, settings }: Flow, { metadata, resourceMetadata }: Discovery) {
  const { privateKey, clientId = '', signingAlgorithm: alg } = settings
  return {
    ...(metadata && { metadata }),
    ...(resourceMetadata && { resource: resourceMetadata.resource }),
    ...(privateKey !== undefined && {
      addClientAuthentication: sdk.createPrivateKeyJwtAuth({ issuer: clientId, subject: clientId, privateKey, alg }),
    }),
    fetchFn: fetch,
  }
}

/** What was given, stamped with who gave it and with when it ends. */
function tokensOf({ now }: Flow, discovery: Discovery, given: Tokens): Required<Pick<Grant, 'tokens'>> & Grant {
  const seconds = given.expires_in
  return {
    tokens: { ...given, issuer: issuerOf(discovery) },
    ...(typeof seconds === 'number' && seconds > 0 && { expiresAt: now() + seconds * 1_000 }),
  }
}
