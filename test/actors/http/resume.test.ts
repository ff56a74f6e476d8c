import { describe, expect, it } from 'vitest'
import { connectedPair, eventually, textOf } from '../../fixtures/servers/http-client.js'

const resumptions = (server: { requests(method: string): readonly { headers?: Readonly<Record<string, string>> }[] }) =>
  server.requests('GET').filter(({ headers }) => headers?.['last-event-id'] === 'e-1')

describe('a stream that ends before the answer', () => {
  it.each([false, true])(
    'H21: is resumed from its last id (reset: %s), and the call is executed once',
    async (reset) => {
      const { server, client } = await connectedPair({ counter: { do: 'polled', id: 'e-1', reset } })
      expect(textOf(await client.call('counter'))).toBe('1')
      expect(server.calls('counter').length).toBe(1)
      expect(resumptions(server).length).toBe(1)
      expect(resumptions(server)[0]?.headers).toMatchObject({ 'mcp-session-id': client.transport.sessionId })
    },
  )

  it.each([false, true])('H22: keeps the id when the next stream holds nothing (reset: %s)', async (reset) => {
    const { server, client } = await connectedPair({
      counter: { do: 'polled', id: 'e-1' },
      resume: { do: 'end-stream', times: 2, reset },
    })
    expect(textOf(await client.call('counter'))).toBe('1')
    expect(resumptions(server).length).toBe(3)
  })

  it('is asked for again when the server was busy for a moment', async () => {
    const { server, client } = await connectedPair({
      counter: { do: 'polled', id: 'e-1' },
      resume: { do: 'status', status: 503, times: 1 },
    })
    expect(textOf(await client.call('counter'))).toBe('1')
    expect(resumptions(server).length).toBe(2)
  })

  it.each([false, true])('H23: without ids loses the answer at once (reset: %s)', async (reset) => {
    const { server, client } = await connectedPair({ counter: { do: 'end-stream', execute: true, reset } })
    expect(await client.failing('counter')).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(server.calls('counter').length).toBe(1)
    expect(client.lost).toEqual([])
  })

  it('H23: an id that cannot be sent back is none', async () => {
    const { client } = await connectedPair({ counter: { do: 'polled', id: 'snow ☃' } })
    expect(await client.failing('counter')).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(client.lost).toEqual([])
  })

  it('H24: is asked for at most once a second after the third time, and no more once cancelled', async () => {
    const { server, client } = await connectedPair({
      counter: { do: 'polled', id: 'e-1', retry: 0 },
      resume: 'end-stream',
    })
    const settled = client.call('counter').catch((error: Error) => error.message)
    await eventually(() => resumptions(server).length === 5)
    const times = server.journal.filter(({ headers }) => headers?.['last-event-id']).map(({ at }) => at)
    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeGreaterThan(900)
    expect((times[4] ?? 0) - (times[3] ?? 0)).toBeGreaterThan(900)
    await client.cancel()
    expect(await settled).toMatch(/settled without an answer/)
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(resumptions(server).length).toBe(5)
  })

  it('that may not be resumed loses the answer, and only the answer', async () => {
    const { client } = await connectedPair({
      counter: { do: 'polled', id: 'e-1' },
      resume: { do: 'status', status: 405 },
    })
    expect(await client.failing('counter')).toMatchObject({
      code: 'CONNECTION_LOST',
      delivered: 'maybe',
      httpStatus: 405,
    })
    expect(textOf(await client.call('add', { a: 1, b: 2 }))).toBe('3')
    expect(client.lost).toEqual([])
  })

  it('of a session that is gone loses the answer and the connection', async () => {
    const { server, client } = await connectedPair({ counter: { do: 'polled', id: 'e-1', retry: 50 } })
    const failing = client.failing('counter')
    await eventually(() => server.calls('counter').length === 1)
    server.forgetSessions()
    expect(await failing).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    await eventually(() => client.lost.length === 1)
  })
})
