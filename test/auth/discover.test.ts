import { expect, test } from 'vitest'
import { authorizationServer, json } from '../fixtures/authorization/server.js'
import { protectedServer } from '../fixtures/authorization/protected.js'
import { supervise, textOf } from '../support/fixture-servers.js'

const machine = { clientId: 'machine', clientSecret: 'secret-of-machine', grantType: 'client_credentials' }
/** What OpenID Connect wants to be there, and OAuth does not use. */
const openId = {
  jwks_uri: 'https://nowhere.example/keys',
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
}

test.each([
  ['', '/.well-known/oauth-authorization-server'],
  ['', '/.well-known/openid-configuration'],
  ['/tenant', '/.well-known/oauth-authorization-server/tenant'],
  ['/tenant', '/.well-known/openid-configuration/tenant'],
  ['/tenant', '/tenant/.well-known/openid-configuration'],
])('the metadata of an issuer "%s" are found at %s', async (path, at) => {
  const authorization = await authorizationServer()
  const issuer = authorization.issuer + path
  authorization.set({
    intercept(asked, res) {
      if (!asked.path.includes('.well-known')) return false
      const endpoints = {
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${authorization.issuer}/token`,
      }
      const pkce = { response_types_supported: ['code'], code_challenge_methods_supported: ['S256'] }
      json(res, asked.path === at ? 200 : 404, { issuer, ...endpoints, ...pkce, ...openId })
      return true
    },
  })
  const { url } = await protectedServer({ resource: () => ({ authorization_servers: [issuer] }) }, authorization)
  const supervisor = supervise({ api: { url, oauth: machine } })
  expect(textOf(await supervisor.callTool('api', 'echo', { text: 'in' }))).toBe('in')
  expect(authorization.asked('/token')[0]?.parameters.get('resource')).toBe(url)
})
