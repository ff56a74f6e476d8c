import { describe, expect, it } from 'vitest'
import { connectedPair, eventually, failureOf, startedPair, textOf } from '../../fixtures/servers/http-client.js'

describe('a refused request', () => {
  it.each([
    ['H01', 401, { code: 'AUTH_REQUIRED', delivered: 'no', retryable: false }, true],
    ['H02', 403, { code: 'AUTH_FAILED', delivered: 'no', retryable: false }, false],
    ['H04', 405, { code: 'RESPONSE_INVALID', delivered: 'no', retryable: false }, false],
    ['H04', 410, { code: 'RESPONSE_INVALID', delivered: 'no', retryable: false }, false],
    ['H05', 408, { code: 'SERVER_UNAVAILABLE', delivered: 'no', retryable: true }, false],
    ['H05', 429, { code: 'SERVER_UNAVAILABLE', delivered: 'no', retryable: true }, false],
    ['H05', 503, { code: 'SERVER_UNAVAILABLE', delivered: 'no', retryable: true }, false],
    ['H06', 500, { code: 'SERVER_UNAVAILABLE', delivered: 'maybe', retryable: true }, false],
    ['H06', 502, { code: 'SERVER_UNAVAILABLE', delivered: 'maybe', retryable: true }, false],
    ['H06', 504, { code: 'SERVER_UNAVAILABLE', delivered: 'maybe', retryable: true }, false],
  ])('%s: answered %i says so', async (_row, status, expected, isLoss) => {
    const { client } = await connectedPair({ echo: { do: 'status', status } })
    const failure = await client.failing('echo')
    expect(failure).toMatchObject({ ...expected, httpStatus: status })
    if (isLoss) await eventually(() => client.lost.length === 1)
    else expect(textOf(await client.call('add', { a: 1, b: 1 }))).toBe('2')
    expect(client.lost.length).toBe(isLoss ? 1 : 0)
  })

  it('H03: a session the server forgot is a loss, and nothing was executed', async () => {
    const { server, client } = await connectedPair()
    server.forgetSessions()
    const failures = await Promise.all(Array.from({ length: 20 }, () => client.failing('counter')))
    expect(new Set(failures.map(({ code, delivered }) => `${code} ${delivered}`))).toEqual(
      new Set(['CONNECTION_LOST no']),
    )
    await eventually(() => client.lost.length === 1)
    expect(client.lost[0]).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no', retryable: true, httpStatus: 404 })
    expect(server.calls()).toEqual([])
    expect(await client.failing('echo')).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no' })
  })

  it('H04: 404 without a session is permanent', async () => {
    const { client } = await startedPair({ initialize: { do: 'status', status: 404 } })
    expect(await failureOf(client.initialize())).toMatchObject({
      code: 'HANDSHAKE_FAILED',
      retryable: false,
      httpStatus: 404,
    })
  })

  it('H05: tells how long the server asked to wait', async () => {
    const { client } = await connectedPair({ echo: { do: 'status', status: 429, headers: { 'retry-after': '7' } } })
    expect(await client.failing('echo')).toMatchObject({ retryAfterMs: 7_000 })
  })

  it.each(['application/json', 'text/html'])('H06: does not wait for the end of a body of %s', async (type) => {
    const { client } = await connectedPair({ echo: { do: 'endless', status: 500, type } })
    expect(await client.failing('echo')).toMatchObject({ code: 'SERVER_UNAVAILABLE', httpStatus: 500 })
  })

  it('keeps the JSON-RPC error of the body', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32022, message: 'too old', data: { supported: [] } },
    })
    const { client } = await startedPair({
      initialize: { do: 'status', status: 400, headers: { 'content-type': 'application/json' }, body },
    })
    const failure = await failureOf(client.initialize())
    expect(failure).toMatchObject({ code: 'HANDSHAKE_FAILED', mcp: { code: -32022, data: { supported: [] } } })
    expect(failure.message).toContain('too old')
  })

  it('is the error of the server once the session stands, and shows no secret of it', async () => {
    const error = { code: -32602, message: 'hunter2 is no argument', data: { got: 'hunter2' } }
    const body = JSON.stringify({ jsonrpc: '2.0', id: null, error })
    const { client } = await connectedPair(
      { echo: { do: 'status', status: 400, headers: { 'content-type': 'application/json' }, body } },
      { mask: (text) => text.replaceAll('hunter2', '***') },
    )
    const failure = await client.failing('echo')
    expect(failure).toMatchObject({
      code: 'MCP_ERROR',
      delivered: 'yes',
      httpStatus: 400,
      mcp: { code: -32602, data: { got: '***' } },
    })
    expect(failure.message).toContain('*** is no argument')
  })
})
