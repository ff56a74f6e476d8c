import { describe, expect, it } from 'vitest'
import { connectedPair, eventually, failureOf, startedPair, textOf } from '../../fixtures/servers/http-client.js'

describe('Streamable HTTP', () => {
  it.each(['json', 'sse', 'mixed'])('H20a: takes answers as %s', async (answers) => {
    const { client } = await connectedPair({ answers })
    const sums = await Promise.all([1, 2, 3, 4].map((n) => client.call('add', { a: n, b: n })))
    expect(sums.map(textOf)).toEqual(['2', '4', '6', '8'])
    expect(client.violations).toEqual([])
  })

  it.each(['gzip', 'deflate', 'br'])('takes answers compressed with %s', async (encoding) => {
    const { server, client } = await connectedPair({ encoding })
    expect(textOf(await client.call('echo', { text: 'small' }))).toBe('small')
    server.set({ encoding, answers: 'sse' })
    expect(textOf(await client.call('echo', { text: 'small' }))).toBe('small')
  })

  it('minds no header that comes twice', async () => {
    const headers = { 'content-type': ['application/json', 'application/json'], 'x-twice': ['a', 'b'] }
    const { client } = await connectedPair({ echo: { do: 'status', status: 503, headers } })
    expect(await client.failing('echo')).toMatchObject({ code: 'SERVER_UNAVAILABLE' })
  })

  it('takes an answer in a batch', async () => {
    const { client } = await connectedPair({ echo: 'batch' })
    expect(textOf(await client.call('echo', { text: 'one of many' }))).toBe('one of many')
  })

  it('takes a numeric id that comes back as text', async () => {
    const { client } = await connectedPair({ echo: { do: 'altered', fields: { id: '2' } } })
    expect(textOf(await client.call('echo', { text: 'me' }))).toBe('me')
  })

  it('H20: follows a session id that changes with every answer', async () => {
    const { server, client } = await connectedPair({ session: 'rotate' })
    for (const n of [1, 2, 3]) expect(textOf(await client.call('counter'))).toBe(String(n))
    expect(server.sessions).toEqual([client.transport.sessionId])
  })

  it.each([
    ['with a blank', 'not lawful'],
    ['of 12 kB', 's'.repeat(12_000)],
  ])('H20: refuses a session id %s', async (_what, session) => {
    const { client } = await startedPair({ session })
    expect(await failureOf(client.initialize())).toMatchObject({ code: 'HANDSHAKE_FAILED', retryable: false })
    expect(client.transport.sessionId).toBeUndefined()
  })

  it('works without sessions', async () => {
    const { client } = await connectedPair({ session: false })
    expect(client.transport.sessionId).toBeUndefined()
    expect(textOf(await client.call('counter'))).toBe('1')
  })
})

describe('an answer that is none', () => {
  const page = `<!doctype html><title>Log in</title>${'<p>and so on</p>'.repeat(1_000)} s3cret`

  it.each([
    [
      'H12: a page',
      { type: 'text/html', body: page },
      /is text\/html, expected the answer to tools\/call as JSON or events: "<!doctype html>/,
    ],
    ['H12: no content type', { body: '{}' }, /is of no type/],
    ['H13: a body that does not parse', { type: 'application/json', body: '{"jsonrpc":' }, /is not JSON/],
    ['H13: an empty body', { type: 'application/json' }, /is not JSON: ""/],
    ['an object that is no message', { type: 'application/json', body: '{}' }, /holds no answer to tools\/call/],
    ['an empty batch', { type: 'application/json', body: '[]' }, /holds no answer to tools\/call/],
  ])('%s fails the call at once', async (_what, body, message) => {
    const { client } = await connectedPair({ echo: { do: 'body', ...body } })
    const failure = await client.failing('echo')
    expect(failure).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'maybe', httpStatus: 200 })
    expect(failure.message).toMatch(message)
    expect(failure.message.length).toBeLessThan(400)
    expect(client.lost).toEqual([])
  })

  it('H12: shows no secret of the page', async () => {
    const mask = (text: string) => text.replaceAll('s3cret', '•••')
    const { client } = await connectedPair(
      { echo: { do: 'body', type: 'text/plain', body: `key ${'s3cret'.repeat(50)}` } },
      { mask },
    )
    const failure = await client.failing('echo')
    expect(failure.message).toContain('key •••')
    expect(failure.message).not.toContain('s3')
  })

  it('H12: a page without end fails the call at once', async () => {
    const { client } = await connectedPair({ echo: { do: 'endless', type: 'text/html' } })
    expect(await client.failing('echo')).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'maybe' })
  })

  it('H14: 202 to a request fails it at once', async () => {
    const { client } = await connectedPair({ echo: 'accepted' })
    expect(await client.failing('echo')).toMatchObject({
      code: 'RESPONSE_INVALID',
      delivered: 'maybe',
      httpStatus: 202,
    })
  })

  it('an unlawful answer with our id fails that call', async () => {
    const { client } = await connectedPair({ echo: { do: 'altered', fields: { result: 'text' } } })
    const failure = await client.failing('echo')
    expect(failure).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'yes' })
    expect(failure.message).toContain('"result" must be an object, got string')
  })

  it("another request's answer is never taken for ours", async () => {
    const { client } = await connectedPair({ echo: { do: 'altered', fields: { id: 999 } } })
    expect(await client.failing('echo')).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(client.violations).toEqual(['stray-answer: an answer to 999, which nobody asked for'])
  })
})

describe('a stream of events', () => {
  it('H26: skips broken frames, comments and other events; the first answer wins', async () => {
    const { server, client } = await connectedPair({ counter: 'rubbish' })
    expect(textOf(await client.call('counter'))).toBe('1')
    await eventually(() => client.violations.length === 2)
    expect(client.violations.map((text) => text.split(':')[0])).toEqual(['invalid-frame', 'stray-answer'])
    expect(server.calls().length).toBe(1)
    expect(client.received.filter(({ id }) => id === 2).length).toBe(1)
  })

  it('H27: takes an answer that comes on the standing stream', async () => {
    const { server, client } = await connectedPair({ echo: 'elsewhere' })
    await eventually(() => server.streams === 1)
    expect(textOf(await client.call('echo', { text: 'over there' }))).toBe('over there')
  })

  it('H28: closes a stream that stays open after the answer', async () => {
    const { server, client } = await connectedPair({ echo: 'left-open' })
    expect(textOf(await client.call('echo', { text: 'done' }))).toBe('done')
    await eventually(() => server.requests('POST')[2]?.closed === 'by-peer')
  })

  it('serves many calls over few connections', async () => {
    const { server, client } = await connectedPair({ answers: 'sse' })
    for (let n = 0; n < 50; n++) await client.call('counter')
    expect(server.sockets).toBeLessThan(5)
  })
})
