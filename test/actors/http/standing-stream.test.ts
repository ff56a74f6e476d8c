import { describe, expect, it } from 'vitest'
import { connectedPair, eventually, textOf } from '../../fixtures/servers/http-client.js'

const changed = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }

describe('the standing stream', () => {
  it('brings what the server says of its own accord', async () => {
    const { server, client } = await connectedPair()
    await eventually(() => server.streams === 1)
    server.notify(changed)
    await eventually(() => client.received.some(({ method }) => method === changed.method))
    server.notify({ jsonrpc: '2.0', id: 'p', method: 'ping' })
    await eventually(() => client.received.some(({ id }) => id === 'p'))
  })

  it.each([404, 405])('H29: a server may refuse it with %i, and is not asked again', async (status) => {
    const { server, client } = await connectedPair({ GET: { do: 'status', status } })
    await eventually(() => server.requests('GET').length === 1)
    expect(textOf(await client.call('counter'))).toBe('1')
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect(server.requests('GET').length).toBe(1)
    expect(client.lost).toEqual([])
  })

  it('H25: is opened again, ever later, when it ends again and again; calls are unaffected', async () => {
    const { server, client } = await connectedPair({ GET: 'end-stream' })
    await eventually(() => server.requests('GET').length === 3)
    const [first = 0, second = 0, third = 0] = server.requests('GET').map(({ at }) => at)
    expect(second - first).toBeGreaterThan(700)
    expect(third - second).toBeGreaterThan(1_400)
    expect(textOf(await client.call('counter'))).toBe('1')
    expect(client.lost).toEqual([])
  })
})
