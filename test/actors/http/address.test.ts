import { describe, expect, it } from 'vitest'
import { connectedPair, failureOf, startedClient, startedPair, textOf } from '../../fixtures/servers/http-client.js'

describe('the address of a server', () => {
  it('sends the configured headers, the session and the revision, and lets nobody override its own', async () => {
    const { client } = await connectedPair(
      {},
      { headers: { 'X-Key': 'k', 'MCP-Session-Id': 'forged', Accept: 'text/html' } },
    )
    const headers = JSON.parse(String(textOf(await client.call('headers'))))
    expect(headers).toMatchObject({
      'x-key': 'k',
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-session-id': client.transport.sessionId,
      'mcp-protocol-version': '2025-11-25',
    })
  })

  it('turns userinfo in the URL into basic authorization and shows it nowhere', async () => {
    const { server } = await startedPair()
    const other = await startedClient(server.url.replace('//', '//me:s%40cret@'))
    await other.initialize()
    expect(server.requests('POST').at(-1)?.headers?.['authorization']).toBe(`Basic ${btoa('me:s@cret')}`)
    server.set({ POST: { do: 'status', status: 418 } })
    const failure = await failureOf(other.ask('ping'))
    expect(failure.message).toContain(`POST ${server.url} answered 418`)
    expect(JSON.stringify(failure)).not.toContain('cret')
  })

  it.each([
    ['ftp://127.0.0.1/mcp', {}, /"url" must be an http or https URL/],
    ['not a url', {}, /"url" must be an http or https URL/],
    ['http://127.0.0.1/mcp', { 'x-key': 'secret\nvalue' }, /header "x-key"/],
  ])('refuses to start with %s', async (url, headers, message) => {
    const failure = await failureOf(startedClient(url, { headers }))
    expect(failure).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(failure.message).toMatch(message)
    expect(failure.message).not.toContain('secret')
  })
})
