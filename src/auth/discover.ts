import type { Challenge } from './challenge.js'
import type { Flow } from './flow.js'
import { FlowError } from './flow-error.js'
import type { Discovery } from './grant.js'
import type { ServerMetadata } from './sdk.js'
import { step } from './step.js'

/**
 * Finds who authorizes for a resource: by the metadata that the challenge names or that is at the well-known places, then
 * by those of the authorization server. What the configuration says goes before what is found.
 * @throws `FlowError` when something that was found must not be used
 */
export async function discover(flow: Flow, challenge: Challenge | undefined): Promise<Discovery> {
  const { sdk, url, settings } = flow
  const resourceMetadata = await step('discovery', flow, () => readResourceMetadata(flow, challenge))
  if (resourceMetadata) {
    const names = { requestedResource: url, configuredResource: resourceMetadata.resource }
    const isOurs = URL.canParse(resourceMetadata.resource) && sdk.checkResourceAllowed(names)
    if (!isOurs) throw new FlowError('discovery: the metadata are of another resource than the server')
  }
  const [named] = resourceMetadata?.authorization_servers ?? []
  const authorizationServerUrl = settings.issuer ?? named ?? new URL('/', url).href
  const metadata = await step('discovery', flow, () => readServerMetadata(flow, authorizationServerUrl))
  if (resourceMetadata && !metadata) throw new FlowError('discovery: the authorization server has no metadata')
  if (metadata) checkPkce(metadata)
  return {
    authorizationServerUrl,
    ...(metadata && { metadata }),
    ...(resourceMetadata && { resourceMetadata }),
  }
}

/** Undefined when the server has none: those before 2025-06-18 are their own authorization servers. */
async function readResourceMetadata({ sdk, fetch, url }: Flow, challenge: Challenge | undefined) {
  const { resourceMetadataUrl } = challenge ?? {}
  if (resourceMetadataUrl !== undefined && !URL.canParse(resourceMetadataUrl))
    throw new FlowError('the challenge names metadata by a text that is no URL')
  let status = 0
  const recording: typeof fetch = async (...request) => {
    const answer = await fetch(...request)
    status = answer.status
    return answer
  }
  try {
    return await sdk.discoverOAuthProtectedResourceMetadata(
      url,
      resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl },
      recording,
    )
  } catch (error) {
    if (status >= 400 && status < 500) return undefined
    if (status >= 500) throw new FlowError(`the resource metadata were answered ${status}`, { isTransient: true })
    throw error
  }
}

async function readServerMetadata(flow: Flow, authorizationServerUrl: string): Promise<ServerMetadata | undefined> {
  const { sdk, fetch, settings } = flow
  const { authServerMetadataUrl: at, issuer } = settings
  const told = toldMetadata(flow, authorizationServerUrl)
  if (told?.authorization_endpoint && told.token_endpoint) return told as ServerMetadata
  if (!URL.canParse(authorizationServerUrl)) throw new FlowError('the authorization server is named by no URL')
  const found = await sdk.discoverAuthorizationServerMetadata(authorizationServerUrl, {
    // A document at an address of its own is read instead of those at the well-known places.
    fetchFn: at === undefined ? fetch : (_, init) => fetch(at, init),
    skipIssuerValidation: at !== undefined && issuer === undefined,
  })
  return found && ({ ...found, ...told } as ServerMetadata)
}

/** What the configuration says of the authorization server, in place of its metadata. */
function toldMetadata({ settings }: Flow, issuer: string): Partial<ServerMetadata> | undefined {
  const { authorizationUrl, tokenUrl, registrationUrl } = settings
  if (authorizationUrl === undefined && tokenUrl === undefined && registrationUrl === undefined) return undefined
  return {
    ...(authorizationUrl !== undefined && { authorization_endpoint: authorizationUrl }),
    ...(tokenUrl !== undefined && { token_endpoint: tokenUrl }),
    ...(registrationUrl !== undefined && { registration_endpoint: registrationUrl }),
    ...(authorizationUrl !== undefined &&
      tokenUrl !== undefined && {
        issuer,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
      }),
  }
}

/** Metadata that do not name it mean that it is not supported (2025-11-25, authorization: code protection). */
function checkPkce(metadata: ServerMetadata): void {
  if (metadata.code_challenge_methods_supported?.includes('S256')) return
  const grants = metadata.grant_types_supported
  // Without a code there is none to protect.
  if (grants && !grants.includes('authorization_code')) return
  throw new FlowError('discovery: the authorization server does not support PKCE with S256')
}
