import { describe, expect, test } from 'vitest'
import { documentUrlProblem } from '../../src/auth/client-document.js'
import { authorizationServer } from '../fixtures/authorization/server.js'
import { protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { supervise, textOf } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

const document = 'https://client.example/mcpvisor.json'

/** A server whose authorization server knows the document, and says so or not. */
async function knowing({ isSaid }: { readonly isSaid: boolean }) {
  const authorization = await authorizationServer({
    documents: { [document]: { redirect_uris: ['*'] } },
    ...(isSaid && { metadata: () => ({ client_id_metadata_document_supported: true }) }),
  })
  return protectedServer({}, authorization)
}

describe('a client with a metadata document', () => {
  test('is known by its address where the authorization server reads documents, for renewals as well', async () => {
    const { url, authorization } = await knowing({ isSaid: true })
    const supervisor = supervise({ api: { url, oauth: { clientMetadataUrl: document } } })
    await supervisor.authorize('api', { open: sayYes })
    authorization.expire()
    expect(textOf(await supervisor.callTool('api', 'echo', { text: 'in' }))).toBe('in')
    const [asked, ...exchanges] = [...authorization.asked('/authorize'), ...authorization.asked('/token')]
    expect(asked?.parameters.get('client_id')).toBe(document)
    expect(exchanges.map(({ parameters }) => [parameters.get('grant_type'), parameters.get('client_id')])).toEqual([
      ['authorization_code', document],
      ['refresh_token', document],
    ])
    expect(authorization.asked('/register')).toEqual([])
    expect(await supervisor.logout('api')).toEqual({ revoked: true })
  })

  test('is registered where the authorization server does not say that it reads them', async () => {
    const { url, authorization } = await knowing({ isSaid: false })
    const supervisor = supervise({ api: { url, oauth: { clientMetadataUrl: document } } })
    await supervisor.authorize('api', { open: sayYes })
    const [registered] = authorization.asked('/register')
    expect(registered?.body).not.toContain(document)
    expect(authorization.asked('/authorize')[0]?.parameters.get('client_id')).toMatch(/^client-/)
  })

  test('gives way to a client that was registered by hand', async () => {
    const { url, authorization } = await knowing({ isSaid: true })
    const oauth = { clientMetadataUrl: document, clientId: 'registered', clientSecret: 'secret-of-registered' }
    await supervise({ api: { url, oauth } }).authorize('api', { open: sayYes })
    expect(authorization.asked('/authorize')[0]?.parameters.get('client_id')).toBe('registered')
  })
})

const unlawful = [
  ['http://client.example/a.json', 'must be an https URL'],
  ['javascript:alert(1)//a', 'must be an https URL'],
  ['https://client.example\\@evil.example/a', 'must be an https URL'],
  ['https://client.example/a b', 'must be an https URL'],
  ['https://', 'must be an https URL'],
  ['https://user:password@client.example/a', 'must hold no credentials'],
  ['https://client.example/a#b', 'must have no fragment'],
  ['https://client.example/', 'must have a path'],
  ['https://client.example', 'must have a path'],
  ['https://client.example/a/../b', 'must have no "." or ".." in its path'],
  ['https://client.example/%2E/b', 'must have no "." or ".." in its path'],
] as const

describe('the address of a metadata document', () => {
  test.each(unlawful)('cannot be %s', (text, problem) => {
    expect(documentUrlProblem(text)).toBe(problem)
  })

  test.each([document, 'https://client.example:8443/a?b', 'https://client.example/..a', 'https://[2606:4700::1]/a'])(
    'can be %s',
    (text) => expect(documentUrlProblem(text)).toBeUndefined(),
  )

  test('that is unlawful as it is written makes the entry invalid', async () => {
    const { url } = await knowing({ isSaid: true })
    const supervisor = supervise({ api: { url, oauth: { clientMetadataUrl: 'http://client.example/a.json' } } })
    expect(supervisor.status('api')).toMatchObject({
      state: 'failed',
      initialized: false,
      error: 'Server "api": "oauth.clientMetadataUrl" must be an https URL with a path, got string',
    })
  })

  test('that a variable brings is judged before anybody is asked', async () => {
    const { url, authorization } = await knowing({ isSaid: true })
    const api = { url, oauth: { clientMetadataUrl: '${DOCUMENT}' } }
    const supervisor = supervise({ api }, { env: { DOCUMENT: 'https://client.example/' } })
    const { code, message } = await errorOf(supervisor.connect('api'))
    expect([code, message]).toEqual(['AUTH_FAILED', expect.stringContaining('"clientMetadataUrl" must have a path')])
    expect([...authorization.asked('/register'), ...authorization.asked('/authorize')]).toEqual([])
  })
})
