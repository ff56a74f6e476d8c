import { describe, expect, it } from 'vitest'
import {
  connectedPair,
  eventually,
  failureOf,
  faultyServer,
  startedPair,
  textOf,
} from '../../fixtures/servers/http-client.js'

const options = { transport: 'sse' } as const

describe('HTTP+SSE', () => {
  it('posts to the endpoint it is told and takes answers from the stream', async () => {
    const { server, client } = await connectedPair({ mode: 'sse' }, { ...options, headers: { 'X-Key': 'k' } })
    const sums = await Promise.all([1, 2, 3].map((n) => client.call('add', { a: n, b: n })))
    expect(sums.map(textOf)).toEqual(['2', '4', '6'])
    expect(server.requests('GET').length).toBe(1)
    expect(
      server.requests('POST').every(({ path, headers }) => path?.startsWith('/messages') && headers?.['x-key'] === 'k'),
    ).toBe(true)
    await client.call('change-list')
    expect(client.received.some(({ method }) => method === 'notifications/tools/list_changed')).toBe(true)
  })

  it('refuses an endpoint of another origin and sends nothing there', async () => {
    const sink = await faultyServer()
    const { server, client } = await startedPair({ mode: 'sse', endpoint: `${sink.url}?token=canary` }, options)
    const failure = await failureOf(client.initialize())
    expect(failure).toMatchObject({ code: 'HANDSHAKE_FAILED', delivered: 'no', retryable: false })
    expect(failure.message).toContain(`the endpoint must be of the same origin, got ${sink.url}`)
    expect(failure.message).not.toContain('canary')
    expect(sink.journal).toEqual([])
    await eventually(() => server.sockets === 0)
  })

  it('loses the connection with its stream, and every pending call', async () => {
    const { server, client } = await connectedPair({ mode: 'sse' }, options)
    const calls = Array.from({ length: 3 }, () => client.failing('sleep', { ms: 60_000 }))
    await eventually(() => server.calls('sleep').length === 3)
    server.resetSockets()
    for (const failure of await Promise.all(calls))
      expect(failure).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    await eventually(() => client.lost.length === 1)
    expect(client.lost[0]).toMatchObject({ code: 'CONNECTION_LOST', retryable: true })
  })

  it('fails a call whose POST is refused, and no other', async () => {
    const { client } = await connectedPair({ mode: 'sse', echo: { do: 'status', status: 500 } }, options)
    expect(await client.failing('echo')).toMatchObject({ code: 'SERVER_UNAVAILABLE', delivered: 'maybe' })
    expect(textOf(await client.call('counter'))).toBe('1')
  })

  it.each([
    [
      { do: 'status', status: 404 },
      { code: 'HANDSHAKE_FAILED', httpStatus: 404 },
    ],
    [{ do: 'status', status: 401 }, { code: 'AUTH_REQUIRED' }],
    [
      { do: 'body', type: 'text/html', body: '<p>' },
      { code: 'HANDSHAKE_FAILED', retryable: false },
    ],
    ['end-stream', { code: 'CONNECTION_LOST', delivered: 'no' }],
  ])('fails when its stream meets %j', async (fault, expected) => {
    const { client } = await startedPair({ mode: 'sse', GET: fault }, options)
    expect(await failureOf(client.initialize())).toMatchObject(expected)
  })

  it('ends with its stream', async () => {
    const { server, client } = await connectedPair({ mode: 'sse' }, options)
    expect(await client.transport.end()).toEqual({ by: 'http' })
    await eventually(() => server.sessions.length === 0 && server.sockets === 0)
    expect(client.lost).toEqual([])
  })
})
