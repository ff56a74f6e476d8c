import { describe, expect, it } from 'vitest'
import { connectedPair, failureOf, startedPair, textOf } from '../../fixtures/servers/http-client.js'

const options = { transport: 'auto' } as const

describe('the form of the transport', () => {
  it('is Streamable HTTP where the server speaks it', async () => {
    const { server, client } = await connectedPair({}, options)
    expect(textOf(await client.call('counter'))).toBe('1')
    expect(server.sessions).toEqual([client.transport.sessionId])
  })

  it('is HTTP+SSE where the server refuses the first POST', async () => {
    const { server, client } = await connectedPair({ mode: 'sse' }, options)
    expect(textOf(await client.call('counter'))).toBe('1')
    expect(server.requests('POST').map(({ path }) => path?.split('?')[0])).toEqual([
      '/mcp',
      ...Array(3).fill('/messages'),
    ])
  })

  it.each([401, 403, 408, 429, 500, 503])('is not tried again after %i', async (status) => {
    const { server, client } = await startedPair({ initialize: { do: 'status', status } }, options)
    expect(await failureOf(client.initialize())).toMatchObject({ httpStatus: status })
    expect(server.requests('GET')).toEqual([])
  })

  it('is not tried again when a server of a later revision refuses ours', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32022, message: 'unsupported' } })
    const fault = { do: 'status', status: 400, headers: { 'content-type': 'application/json' }, body }
    const { server, client } = await startedPair({ initialize: fault }, options)
    expect(await failureOf(client.initialize())).toMatchObject({ mcp: { code: -32022 } })
    expect(server.requests('GET')).toEqual([])
  })

  it('tells both refusals when the server speaks neither', async () => {
    const { client } = await startedPair({ '*': { do: 'status', status: 404 } }, options)
    const failure = await failureOf(client.initialize())
    expect(failure).toMatchObject({ code: 'HANDSHAKE_FAILED', httpStatus: 404, retryable: false })
    expect(failure.message).toMatch(/POST .* answered 404 Not Found; as HTTP\+SSE: .*GET .* answered 404/)
  })

  it('is never another one when the configuration names it', async () => {
    const { server, client } = await startedPair({ mode: 'sse' }, { transport: 'http' })
    expect(await failureOf(client.initialize())).toMatchObject({ code: 'HANDSHAKE_FAILED', httpStatus: 405 })
    expect(server.requests('GET')).toEqual([])
  })
})
