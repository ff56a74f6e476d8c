import { randomBytes, timingSafeEqual } from 'node:crypto'
import { clientFor } from './client-information.js'
import type { Flow } from './flow.js'
import { FlowError } from './flow-error.js'
import type { Discovery, Grant } from './grant.js'
import { urlProblem } from './lawful-url.js'
import type { ClientInformation } from './sdk.js'
import { RefusedError, step } from './step.js'
import { exchangeCode } from './token-requests.js'

/** A login that was begun: what is needed to make tokens of the redirect it ends with. Lives in memory only. */
export interface Login {
  /** What a person opens in a browser. */
  readonly url: string
  readonly state: string
  readonly verifier: string
  readonly redirectUri: string
  readonly discovery: Discovery
  readonly client: ClientInformation
  readonly scopes: readonly string[]
  /** Epoch milliseconds. */
  readonly begunAt: number
}

/** Begins a login that ends at `redirectUri`; registers a client when there is none for it. */
export async function beginLogin(
  flow: Flow,
  discovery: Discovery,
  { grant, redirectUri, scopes }: { grant: Grant; redirectUri: string; scopes: readonly string[] },
): Promise<Login> {
  const { sdk, reach, now } = flow
  const { authorizationServerUrl, metadata, resourceMetadata } = discovery
  const client = await clientFor(flow, discovery, redirectUri, grant)
  const state = randomBytes(32).toString('base64url')
  const { authorizationUrl, codeVerifier: verifier } = await step('login', flow, () =>
    sdk.startAuthorization(authorizationServerUrl, {
      clientInformation: client,
      redirectUrl: redirectUri,
      state,
      ...(metadata && { metadata }),
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      ...(resourceMetadata && { resource: resourceMetadata.resource }),
    }),
  )
  // A browser, and whatever the host opens it with, gets this text: it must be an address of the web and no more.
  const problem = urlProblem(authorizationUrl.href, reach)
  if (problem !== undefined) throw new FlowError(`login: the authorization endpoint ${problem}`)
  return { url: authorizationUrl.href, state, verifier, redirectUri, discovery, client, scopes, begunAt: now() }
}

/** Whether a redirect answers this login: its state is compared in constant time. */
export function answers({ state }: Login, parameters: URLSearchParams): boolean {
  const [given = ''] = parameters.getAll('state')
  const [a, b] = [Buffer.from(given), Buffer.from(state)]
  return parameters.getAll('state').length === 1 && a.length === b.length && timingSafeEqual(a, b)
}

/** Makes tokens of the redirect that a login ended with. The issuer is checked before anything else of it is believed. */
export async function finishLogin(flow: Flow, login: Login, parameters: URLSearchParams): Promise<Grant> {
  const { discovery, client, redirectUri, verifier, scopes } = login
  const { metadata } = discovery
  if (!answers(login, parameters)) throw new FlowError('login: the redirect is of another login: its state differs')
  const iss = parameters.get('iss') ?? undefined
  await step('login', flow, async () =>
    flow.sdk.validateAuthorizationResponseIssuer({
      iss,
      expectedIssuer: metadata?.issuer,
      issParameterSupported: metadata?.authorization_response_iss_parameter_supported === true,
    }),
  )
  const error = parameters.get('error')
  if (error !== null) throw new RefusedError('login', error, '')
  const code = parameters.get('code')
  if (code === null || code === '') throw new FlowError('login: the redirect holds no code')
  const given = await exchangeCode(flow, discovery, client, {
    code,
    verifier,
    redirectUri,
    ...(iss !== undefined && { iss }),
  })
  return { discovery, client, redirectUri, scopes, ...given }
}
