import type { Flow } from './flow.js'
import type { Grant } from './grant.js'

/**
 * Tells the authorization server that the tokens are not used any more, where it can be told (RFC 7009): the refresh
 * token, with which the others end. Resolves with whether it was told.
 */
export async function revoke({ sdk, fetch, settings }: Flow, { discovery, tokens, client }: Grant): Promise<boolean> {
  const endpoint = endpointOf(discovery?.metadata)
  if (endpoint === undefined || !tokens || !client || settings.privateKey !== undefined) return false
  const [token, hint] = tokens.refresh_token
    ? [tokens.refresh_token, 'refresh_token']
    : [tokens.access_token, 'access_token']
  const body = new URLSearchParams({ token, token_type_hint: hint })
  const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' })
  const methods = discovery?.metadata?.token_endpoint_auth_methods_supported ?? []
  if (sdk.selectClientAuthMethod(client, methods) === 'client_secret_basic') {
    const login = `${client.client_id}:${client.client_secret ?? ''}`
    headers.set('authorization', `Basic ${Buffer.from(login).toString('base64')}`)
  } else {
    body.set('client_id', client.client_id)
    if (client.client_secret !== undefined) body.set('client_secret', client.client_secret)
  }
  const answer = await fetch(endpoint, { method: 'POST', headers, body })
  return answer.ok
}

/** Only the metadata of OAuth have a type for it; those of OpenID Connect name it all the same. */
function endpointOf(metadata: object | undefined): string | undefined {
  const endpoint = metadata && 'revocation_endpoint' in metadata ? metadata.revocation_endpoint : undefined
  return typeof endpoint === 'string' ? endpoint : undefined
}
