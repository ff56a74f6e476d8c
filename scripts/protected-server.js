/**
 * An MCP server over HTTP on loopback that lets nobody in without a token, and the authorization server that gives them.
 * Both tell each request that concerns authorization, in words.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

import { startHttpServer } from '../test/fixtures/servers/http.mjs'

/** `tell(to, what, answer)` hears of each request when it is answered. */
export async function startProtectedServer(tell) {
  const authorization = await startAuthorizationServer(tell)
  const metadataPath = '/.well-known/oauth-protected-resource/mcp'
  let resource = ''

  function guard(req, res, body) {
    if (req.url === metadataPath) {
      tell('web server', 'who gives tokens?', 'the authorization server')
      json(res, 200, { resource, authorization_servers: [authorization.issuer] })
      return true
    }
    if (authorization.isGood(req.headers.authorization?.replace('Bearer ', ''))) return false
    const { method = req.method } = body ? JSON.parse(body) : {}
    tell('web server', method, '401')
    const challenge = `Bearer resource_metadata="${new URL(metadataPath, resource)}"`
    res.writeHead(401, { 'www-authenticate': challenge }).end()
    return true
  }

  const server = await startHttpServer({}, { guard })
  resource = server.url
  return {
    url: server.url,
    expire: authorization.expire,
    /** How many standing streams are open. */
    streams: () => server.streams,
    async close() {
      await Promise.all([server.close(), authorization.close()])
    },
  }
}

async function startAuthorizationServer(tell) {
  const tokens = new Set()
  const codes = new Map()
  const refreshes = new Set()
  const http = createServer((req, res) => void serve(req, res))
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${http.address().port}`
  const made = (kind, into) => {
    const text = `${kind}-${randomUUID()}`
    into.add(text)
    return text
  }

  const endpoints = {
    '/.well-known/oauth-authorization-server'(_, res) {
      tell('authorization server', 'how?', 'its metadata')
      json(res, 200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        registration_endpoint: `${issuer}/register`,
        response_types_supported: ['code'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none'],
        authorization_response_iss_parameter_supported: true,
      })
    },
    '/register'(parameters, res) {
      tell('authorization server', 'a new client', 'its id')
      json(res, 201, { client_id: 'client', ...parameters })
    },
    '/authorize'({ redirect_uri, state, code_challenge }, res) {
      const code = randomUUID()
      codes.set(code, code_challenge)
      tell('authorization server', 'yes', 'a code, by way of this machine', 'person')
      const location = new URL(redirect_uri)
      for (const [key, value] of Object.entries({ code, state, iss: issuer })) location.searchParams.set(key, value)
      res.writeHead(302, { location: location.href }).end()
    },
    '/token'({ grant_type, code, code_verifier = '', refresh_token }, res) {
      const challenge = createHash('sha256').update(code_verifier).digest('base64url')
      const isGood = grant_type === 'refresh_token' ? refreshes.delete(refresh_token) : codes.get(code) === challenge
      codes.delete(code)
      const what = grant_type === 'refresh_token' ? 'the refresh token' : 'the code, and who asked for it'
      // A connection renews its token itself; a login is not of one connection.
      const from = grant_type === 'refresh_token' ? undefined : 'supervisor'
      tell('authorization server', what, isGood ? 'a token' : 'no', from)
      if (!isGood) return json(res, 400, { error: 'invalid_grant' })
      const [access, refresh] = [made('access', tokens), made('refresh', refreshes)]
      json(res, 200, { access_token: access, token_type: 'Bearer', refresh_token: refresh })
    },
  }

  async function serve(req, res) {
    let body = ''
    for await (const chunk of req) body += chunk
    const { pathname, searchParams } = new URL(req.url, issuer)
    const isJson = req.headers['content-type']?.startsWith('application/json')
    const form = Object.fromEntries(req.method === 'GET' ? searchParams : new URLSearchParams(body))
    const endpoint = endpoints[pathname]
    if (endpoint) endpoint(isJson ? JSON.parse(body) : form, res)
    else json(res, 404, {})
  }

  return {
    issuer,
    isGood: (token) => tokens.has(token),
    expire: () => tokens.clear(),
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

function json(res, status, value) {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
