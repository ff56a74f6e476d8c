import { describe, expect, it } from 'vitest'

import { httpServer, supervise, textOf } from '../../support/fixture-servers.js'
import { errorOf } from '../../support/rejection.js'
import { connectedPair } from '../../fixtures/servers/http-client.js'

/** How often the server was asked by that method. */
const asked = ({ requests }: Awaited<ReturnType<typeof httpServer>>['fixture'], method: string) =>
  requests('POST').filter(({ message }) => message?.method === method).length

describe('a server that answers 400 to a session that it does not know', () => {
  it('H03: gets one fresh session for all calls that were refused so, and answers them', async () => {
    const server = await httpServer({ lost: 400 })
    const supervisor = supervise({ server })
    const texts = Array.from({ length: 10 }, (_, n) => String(n))
    const callAll = () => Promise.all(texts.map((text) => supervisor.callTool('server', 'echo', { text })))
    await callAll()
    server.fixture.forgetSessions()
    expect((await callAll()).map(textOf)).toEqual(texts)
    expect(server.fixture.calls('echo')).toHaveLength(20)
    expect(asked(server.fixture, 'initialize')).toBe(2)
    expect(asked(server.fixture, 'ping')).toBe(1)
    expect(supervisor.status('server')).toMatchObject({ connected: true, generation: 2 })
  })

  it('keeps a session that answers a ping: the request was bad', async () => {
    const server = await httpServer({ lost: 400, echo: { do: 'status', status: 400, body: 'bad arguments' } })
    const supervisor = supervise({ server })
    const errors = await Promise.all([1, 2, 3].map(() => errorOf(supervisor.callTool('server', 'echo', {}))))
    for (const error of errors) expect(error).toMatchObject({ code: 'RESPONSE_INVALID', httpStatus: 400 })
    expect(textOf(await supervisor.callTool('server', 'add', { a: 1, b: 2 }))).toBe('3')
    expect(asked(server.fixture, 'ping')).toBeLessThanOrEqual(3)
    expect(supervisor.status('server')).toMatchObject({ connected: true, generation: 1 })
  })

  it('is asked again for each refusal as long as the session stands', async () => {
    const { server, client } = await connectedPair({ lost: 400, fail: { do: 'status', status: 400 } })
    expect(await client.failing('fail')).toMatchObject({ code: 'RESPONSE_INVALID', httpStatus: 400 })
    server.forgetSessions()
    expect(await client.failing('fail')).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no', httpStatus: 400 })
  })

  it('that does not answer the ping keeps nobody waiting who gives up', async () => {
    const server = await httpServer({ ping: 'hang', echo: { do: 'status', status: 400 } })
    const supervisor = supervise({ server })
    await supervisor.connect('server')
    const giveUp = new AbortController()
    const call = errorOf(supervisor.callTool('server', 'echo', {}, { signal: giveUp.signal }))
    await expect.poll(() => asked(server.fixture, 'ping')).toBe(1)
    giveUp.abort()
    expect(await call).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
    expect(textOf(await supervisor.callTool('server', 'add', { a: 1, b: 2 }))).toBe('3')
  })

  it('is not asked for the sake of a request outside of any session', async () => {
    const server = await httpServer({ session: false, echo: { do: 'status', status: 400 } })
    const supervisor = supervise({ server })
    expect(await errorOf(supervisor.callTool('server', 'echo', {}))).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(asked(server.fixture, 'ping')).toBe(0)
  })
})
