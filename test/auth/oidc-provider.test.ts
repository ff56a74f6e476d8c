/** An authorization server that nobody here wrote, driven end to end, the login page included. */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Configuration } from 'oidc-provider'
import { expect, onTestFinished, test } from 'vitest'
import { startHttpServer } from '../fixtures/servers/http.mjs'
import { json } from '../fixtures/authorization/server.js'
import { supervise, textOf } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The provider, and a server whose requests need one of its tokens. Tokens live for so many seconds. */
async function beds({ lifeSeconds = 60, ...extra }: Configuration & { readonly lifeSeconds?: number } = {}) {
  let handle: ReturnType<Provider['callback']> | undefined
  const issuer = await listening(createServer((req, res) => void handle?.(req, res)))
  const { features, ...configuration } = configured(lifeSeconds, () => resource)
  const provider = new Provider(issuer, {
    ...configuration,
    ...extra,
    features: { ...features, ...extra.features } as NonNullable<Configuration['features']>,
  })
  // Its own log of what it does is none of the test's.
  provider.on('server_error', (_, error) => expect.unreachable(error.message))
  handle = provider.callback()
  const { url, close, fixture } = await resourceOf(provider, issuer)
  const resource = url
  onTestFinished(close)
  return { issuer, url, fixture, provider }
}

async function resourceOf(provider: Provider, issuer: string) {
  const good = new Set<string>()
  provider.on('access_token.saved', ({ jti }) => void good.add(String(jti)))
  provider.on('access_token.destroyed', ({ jti }) => void good.delete(String(jti)))
  const guard: NonNullable<Parameters<typeof startHttpServer>[1]>['guard'] = (req, res) => {
    const metadata = { resource: fixture.url, authorization_servers: [issuer], scopes_supported: ['use'] }
    if (req.url?.startsWith('/.well-known/')) return Boolean(json(res, 200, metadata) ?? true)
    if (good.has(req.headers.authorization?.slice('Bearer '.length) ?? '')) return false
    res.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end()
    return true
  }
  const fixture = await startHttpServer({}, { guard })
  return { url: fixture.url, close: () => fixture.close(), fixture: { fixture, good } }
}

function configured(lifeSeconds: number, resource: () => string): Configuration {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['a key for the cookies of a test'] },
    scopes: ['openid', 'offline_access', 'use'],
    clientDefaults: { token_endpoint_auth_method: 'none' },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    ttl: {
      AccessToken: lifeSeconds,
      AuthorizationCode: 60,
      Grant: 600,
      Interaction: 600,
      Session: 600,
      RefreshToken: 600,
    },
    features: {
      registration: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource(),
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'use offline_access',
          accessTokenFormat: 'opaque',
          accessTokenTTL: lifeSeconds,
        }),
      },
    },
  }
}

/** A browser without a screen: keeps cookies, fills in the forms of the provider, and goes where it is sent. */
async function logIn(address: string): Promise<void> {
  const cookies = new Map<string, string>()
  let [url, init]: [string, RequestInit] = [address, {}]
  for (let pages = 0; pages < 20; pages++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location !== null) {
      ;[url, init] = [new URL(location, url).href, {}]
      continue
    }
    const page = await answer.text()
    const [, prompt] = /name="prompt" value="(\w+)"/.exec(page) ?? []
    if (prompt === undefined) return
    const [, action = url] = /<form[^>]*action="([^"]+)"/.exec(page) ?? []
    const body = new URLSearchParams({ prompt, login: 'somebody', password: 'anything' })
    ;[url, init] = [new URL(action, url).href, { method: 'POST', body }]
  }
  throw new Error('The login did not come to an end')
}

test('a person logs in, the token is renewed with rotation, and revoked at the end', async () => {
  const { url, fixture, provider } = await beds()
  const renewed: unknown[] = []
  provider.on('refresh_token.consumed', (token) => renewed.push(token))
  const supervisor = supervise({ api: { url } })
  await supervisor.authorize('api', { open: logIn })
  expect(textOf(await supervisor.callTool('api', 'echo', { text: 'in' }))).toBe('in')
  for (let times = 1; times <= 2; times++) {
    fixture.good.clear()
    const calls = Array.from({ length: 50 }, (_, n) => supervisor.callTool('api', 'echo', { text: String(n) }))
    expect((await Promise.all(calls)).map(textOf)).toEqual(Array.from({ length: 50 }, (_, n) => String(n)))
    expect(renewed).toHaveLength(times)
  }
  expect(await supervisor.logout('api')).toEqual({ revoked: true })
  expect(await errorOf(supervisor.callTool('api', 'echo', {}))).toMatchObject({ code: 'AUTH_REQUIRED' })
})

test('a person logs in for a client that is known by its metadata document, which the provider reads', async () => {
  const clientMetadataUrl = 'https://client.example/mcpvisor.json'
  const read: string[] = []
  const documents = await listening(
    createServer((req, res) => {
      read.push(req.url ?? '')
      // What docs/configuration.md shows.
      json(res, 200, JSON.parse(documented(clientMetadataUrl)))
    }),
  )
  const { url } = await beds({
    features: {
      registration: { enabled: false },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
    },
    // The document is on this machine, where it has no certificate and the provider would not go.
    fetch: (address) => fetch(documents + new URL(new Request(address).url).pathname),
  })
  const supervisor = supervise({ api: { url, oauth: { clientMetadataUrl } } })
  await supervisor.authorize('api', { open: logIn })
  expect(textOf(await supervisor.callTool('api', 'echo', { text: 'in' }))).toBe('in')
  expect(read).toEqual(['/mcpvisor.json'])
})

/** The example of a document, at that address. */
function documented(url: string): string {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  const [, example = ''] = /<!-- a client id metadata document[^>]*-->\n```json\n([\s\S]*?)```/.exec(page) ?? []
  return example.replace(/"client_id": "[^"]*"/, `"client_id": "${url}"`)
}
