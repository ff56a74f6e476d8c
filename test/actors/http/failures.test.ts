import { describe, expect, it } from 'vitest'
import {
  connectedClient,
  connectedPair,
  eventually,
  failureOf,
  faultyServer,
  startedClient,
  startedPair,
  textOf,
} from '../../fixtures/servers/http-client.js'

describe('a broken connection', () => {
  it('H07: refused is a loss, and nothing was sent', async () => {
    const { server, client } = await startedPair()
    await server.close()
    const failure = await failureOf(client.initialize())
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no', retryable: true })
    expect(failure.message).toBe(`Server "x": POST ${server.url} failed: ECONNREFUSED`)
    await eventually(() => client.lost.length === 1)
    expect(client.lost[0]).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no' })
  })

  it('H08: reset before the answer leaves it open whether the call was executed', async () => {
    const { server, client } = await connectedPair({ counter: { do: 'reset', execute: true, times: 1 } })
    expect(await client.failing('counter')).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(server.calls('counter').length).toBe(1)
    expect(textOf(await client.call('counter'))).toBe('2')
    expect(client.lost).toEqual([])
  })

  it('posts an initialize again, once, when its connection is reset', async () => {
    const { server, client } = await startedPair({ initialize: { do: 'reset', times: 1 } })
    await client.initialize()
    expect(server.requests('POST').length).toBe(2)
    server.set({ initialize: 'reset' })
    expect(await failureOf(client.initialize())).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(server.requests('POST').length).toBe(4)
  })

  it.each([false, true])('H09: cut within the body (closed properly: %s) gives no half result', async (close) => {
    const { server, client } = await connectedPair({ counter: { do: 'cut-body', close, times: 1 } })
    expect(await client.failing('counter')).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(server.calls('counter').length).toBe(1)
    expect(textOf(await client.call('counter'))).toBe('2')
  })

  it.each(['hang', 'headers-only', { do: 'drip', everyMs: 200 }])(
    'H10: a silent server (%j) is left when the call is cancelled',
    async (fault) => {
      const { server, client } = await connectedPair({ echo: fault })
      const settled = client.call('echo', { text: 'a long text' }).catch((error: Error) => error.message)
      await eventually(() => server.requests('POST').length === 3)
      await client.cancel()
      expect(await settled).toMatch(/settled without an answer/)
      await eventually(() => server.requests('POST')[2]?.closed === 'by-peer')
      expect(textOf(await client.call('add', { a: 2, b: 2 }))).toBe('4')
      expect(client.lost).toEqual([])
    },
  )

  it('H31: a restart on the same port is a loss, then a fresh transport works', async () => {
    const { server, client } = await connectedPair()
    await server.close()
    const again = await faultyServer({}, { port: server.port })
    const failure = await client.failing('counter')
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(again.calls()).toEqual([])
    const fresh = await connectedClient(again.url)
    expect(textOf(await fresh.call('counter'))).toBe('1')
  })

  it('H32: a name that does not resolve is a loss', async () => {
    const client = await startedClient('http://no-such-host.invalid/mcp')
    const failure = await failureOf(client.initialize())
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no' })
    expect(failure.message).toMatch(/ENOTFOUND|EAI_AGAIN/)
  })

  it('H33: idle connections that were reset in the pool cost no call', async () => {
    const { server, client } = await connectedPair({ GET: { do: 'status', status: 405 } })
    await Promise.all(Array.from({ length: 8 }, () => client.call('sleep', { ms: 20 })))
    server.resetSockets()
    // Until the resets have arrived, nobody can know that the connections are gone.
    await eventually(() => server.sockets === 0)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.call('echo', { text: 'again' })))
    expect(answers.map(textOf)).toEqual(Array.from({ length: 8 }, () => 'again'))
    expect(client.lost).toEqual([])
  })
})
