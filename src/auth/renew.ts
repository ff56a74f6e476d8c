import { type Challenge, scopesIn } from './challenge.js'
import { clientFor } from './client-information.js'
import { discover } from './discover.js'
import type { Flow } from './flow.js'
import { FlowError } from './flow-error.js'
import { type Discovery, type Grant, boundTo, withoutClient, withoutTokens } from './grant.js'
import { RefusedError, isClientUnknown } from './step.js'
import { scopesFor, withRefresh } from './scopes.js'
import { clientCredentials, refresh } from './token-requests.js'

/** What came of it: new tokens, or that a person has to log in for these scopes. */
export type Renewal =
  | { readonly kind: 'tokens'; readonly grant: Grant }
  | { readonly kind: 'login'; readonly grant: Grant; readonly scopes: readonly string[] }

/**
 * Gets new tokens without a person, if that can be: by the refresh token, then by the credentials of the client. What was
 * found earlier may be stale when the server refuses: then it is looked anew who authorizes, since that may have moved.
 */
export async function renewed(
  flow: Flow,
  held: Grant,
  challenge: Challenge | undefined,
  isStale: boolean,
): Promise<Renewal> {
  const isKnown = held.discovery !== undefined && !(challenge && isStale)
  const discovery = isKnown && held.discovery ? held.discovery : await discover(flow, challenge)
  const grant = boundTo(discovery, held)
  const scopes = scopesFor(flow.settings, discovery, challenge, grant.scopes)
  if (challenge?.status === 403) checkWider(challenge, grant, scopes)
  else if (grant.tokens?.refresh_token !== undefined) {
    const again = await refreshed(flow, discovery, grant, grant.tokens.refresh_token)
    if (again.tokens) return { kind: 'tokens', grant: again }
    return withoutPerson(flow, discovery, again, scopes)
  }
  return withoutPerson(flow, discovery, grant, scopes)
}

async function withoutPerson(flow: Flow, discovery: Discovery, grant: Grant, scopes: string[]): Promise<Renewal> {
  if (flow.settings.grantType === 'client_credentials') {
    const client = await clientFor(flow, discovery, undefined, grant)
    const given = await clientCredentials(flow, discovery, client, scopes)
    return { kind: 'tokens', grant: { ...grant, client, scopes, ...given } }
  }
  return { kind: 'login', grant, scopes: withRefresh(scopes, discovery) }
}

/** The grant with new tokens, or without any when the refresh token is refused for good. */
async function refreshed(flow: Flow, discovery: Discovery, grant: Grant, refreshToken: string): Promise<Grant> {
  try {
    const client = await clientFor(flow, discovery, grant.redirectUri, grant)
    return { ...withoutTokens(grant), client, ...(await refresh(flow, discovery, client, refreshToken)) }
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    // It expired, was revoked or used twice: nobody can use it again, and a person has to log in.
    if (error.code === 'invalid_grant') return withoutTokens(grant)
    if (isClientUnknown(error)) return withoutClient(grant)
    throw error
  }
}

/** A token with a wider scope is asked for once: a server that still refuses it would be asked for ever. */
function checkWider(challenge: Challenge, { scopes: before = [] }: Grant, scopes: readonly string[]): void {
  const needed = scopesIn(challenge.scope)
  if (needed.length === 0) throw new FlowError('the server asks for a wider scope and does not say which')
  if (scopes.every((scope) => before.includes(scope)))
    throw new FlowError('the server refuses the scope that it asked for and that was given')
}
