import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { authorizationServer } from '../fixtures/authorization/server.js'
import { protectedServer } from '../fixtures/authorization/protected.js'
import { errorOf } from '../support/rejection.js'
import { httpServer, supervise, textOf } from '../support/fixture-servers.js'

const machine = { clientId: 'machine', clientSecret: 'secret-of-machine', grantType: 'client_credentials' }

describe('a client that authorizes itself', () => {
  test('gets a token by its secret when the server asks for one, and sends it from then on', async () => {
    const { url, authorization, refused } = await protectedServer()
    const supervisor = supervise({ api: { url, oauth: machine } })
    expect(textOf(await supervisor.callTool('api', 'echo', { text: 'hello' }))).toBe('hello')
    await supervisor.callTool('api', 'echo', { text: 'again' })
    expect(refused).toEqual([undefined])
    expect(authorization.asked('/token', 'client_credentials')).toHaveLength(1)
    expect(authorization.asked('/token')[0]?.parameters.get('resource')).toBe(url)
  })

  test('sends the headers of the configuration beside the token, and to nobody but the server', async () => {
    const { url, fixture, authorization } = await protectedServer()
    const supervisor = supervise({ api: { url, headers: { 'x-key': 'of-the-server' }, oauth: machine } })
    await supervisor.callTool('api', 'echo', { text: 'hello' })
    const call = fixture.journal.find(({ message }) => message?.method === 'tools/call')
    expect(call?.headers).toMatchObject({
      'x-key': 'of-the-server',
      authorization: expect.stringMatching(/^Bearer access-/) as string,
    })
    expect(JSON.stringify(authorization.journal.map(({ headers }) => headers))).not.toContain('of-the-server')
  })

  test('proves itself by a private key', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const authorization = await authorizationServer({ clientKey: publicKey })
    const { url } = await protectedServer({}, authorization)
    const oauth = {
      clientId: 'with-key',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      grantType: 'client_credentials',
    }
    const supervisor = supervise({ api: { url, oauth } })
    expect(textOf(await supervisor.callTool('api', 'echo', { text: 'signed' }))).toBe('signed')
  })

  test('gets a wider scope for the call that needs it, and sends that call once more', async () => {
    const { url, fixture, authorization } = await protectedServer({ scope: 'read', toolScopes: { counter: 'write' } })
    const supervisor = supervise({ api: { url, oauth: machine } })
    await supervisor.callTool('api', 'echo', { text: 'read' })
    expect(textOf(await supervisor.callTool('api', 'counter'))).toBe('1')
    expect(fixture.calls('counter')).toHaveLength(1)
    const scopes = authorization.asked('/token').map(({ parameters }) => parameters.get('scope'))
    expect(scopes).toEqual(['read', 'read write'])
  })
})

describe('a server that asks for nothing', () => {
  test('is never asked where it is authorized', async () => {
    const { fixture, entry } = await httpServer()
    const supervisor = supervise({ api: { ...entry, oauth: machine } })
    await supervisor.callTool('api', 'echo', { text: 'hello' })
    expect(fixture.journal.filter(({ path }) => path?.includes('well-known'))).toEqual([])
    expect(fixture.journal.filter(({ headers }) => headers?.['authorization'])).toEqual([])
  })
})

describe('no authorization is tried', () => {
  test.each([
    ['with an Authorization header of the configuration', { headers: { authorization: 'Bearer given' } }],
    ['with credentials in the URL', { url: 'userinfo' }],
    ['with "oauth": false', { oauth: false }],
  ])('%s', async (_, extra) => {
    const { url, authorization, discovered } = await protectedServer()
    const withLogin = url.replace('//', '//somebody:something@')
    const supervisor = supervise({ api: { ...extra, url: 'url' in extra ? withLogin : url } })
    const error = await errorOf(supervisor.connect('api'))
    expect(error).toMatchObject({ code: 'AUTH_REQUIRED', httpStatus: 401 })
    expect([...discovered, ...authorization.journal]).toEqual([])
    expect(supervisor.status('api').state).toBe('failed')
  })
})
