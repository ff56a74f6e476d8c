import { documentUrlProblem } from './client-document.js'
import type { Flow } from './flow.js'
import { FlowError } from './flow-error.js'
import { type Discovery, type Grant, issuerOf } from './grant.js'
import { isLoopback } from './lawful-url.js'
import type { ClientInformation } from './sdk.js'
import { step } from './step.js'

/**
 * Who we are to the authorization server, the surest first: the client that the configuration names; the document it
 * names, where the server reads documents; the client of an earlier registration, as long as it is called back at the
 * same place; a client registered now.
 */
export async function clientFor(
  flow: Flow,
  discovery: Discovery,
  redirectUri: string | undefined,
  grant: Grant,
): Promise<ClientInformation> {
  const { clientId, clientSecret, clientMetadataUrl } = flow.settings
  const issuer = issuerOf(discovery)
  if (clientId !== undefined)
    return { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }), issuer }
  const problem = clientMetadataUrl === undefined ? undefined : documentUrlProblem(clientMetadataUrl)
  if (problem !== undefined) throw new FlowError(`registration: "clientMetadataUrl" ${problem}`)
  if (clientMetadataUrl !== undefined && discovery.metadata?.client_id_metadata_document_supported === true)
    return { client_id: clientMetadataUrl, issuer }
  if (grant.client && grant.redirectUri === redirectUri && !isExpired(grant.client, flow.now())) return grant.client
  return { ...(await register(flow, discovery, redirectUri)), issuer }
}

async function register(flow: Flow, { authorizationServerUrl, metadata }: Discovery, redirectUri: string | undefined) {
  const { sdk, fetch } = flow
  if (redirectUri === undefined) throw new FlowError('registration: client credentials need a "clientId"')
  if (metadata && metadata.registration_endpoint === undefined) {
    throw new FlowError('registration: the authorization server registers no clients: set "clientId" in "oauth"')
  }
  const methods = metadata?.token_endpoint_auth_methods_supported
  const registration = step('registration', flow, () =>
    sdk.registerClient(authorizationServerUrl, {
      ...(metadata && { metadata }),
      clientMetadata: {
        client_name: 'mcpvisor',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        application_type: isLoopback(new URL(redirectUri).hostname) ? 'native' : 'web',
        // What runs on somebody's machine keeps no secret, so it asks for none where it may.
        ...(methods?.includes('none') && { token_endpoint_auth_method: 'none' }),
      },
      fetchFn: fetch,
    }),
  )
  // Without metadata the server was only taken for its own authorization server, as those before 2025-06-18 are.
  if (metadata) return registration
  return registration.catch((error: unknown) => {
    if (!(error instanceof FlowError)) throw error
    const { message, isTransient, isBroken } = error
    throw new FlowError(message, { isTransient, isBroken, isUnannounced: true })
  })
}

/** A secret that is no longer good needs another registration (RFC 7591, 3.2.1: 0 means never). */
function isExpired(client: ClientInformation, now: number): boolean {
  const expiresAt = 'client_secret_expires_at' in client ? Number(client.client_secret_expires_at) : 0
  return expiresAt > 0 && expiresAt * 1_000 <= now
}
