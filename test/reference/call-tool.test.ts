import { expect, test } from 'vitest'
import { httpServer, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

test('S38: a call resolves to the answer of the server, untouched, and the server sees exactly that call', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  const result = await supervisor.callTool('server', 'echo', { text: 'hello' })

  expect(result).toEqual({ content: [{ type: 'text', text: 'hello' }] })
  const executed = server.journal.lines().filter(({ event }) => event === 'executed')
  expect(executed).toMatchObject([{ tool: 'echo', input: { text: 'hello' } }])
})

test('S39 (F5): a call without timeoutMs fails after callTimeoutMs', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' }, { callTimeoutMs: 400 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const error = await errorOf(supervisor.callTool('server', 'echo', { text: 'hello' }))

  expect(error).toMatchObject({ code: 'CALL_TIMEOUT', server: 'server', phase: 'call', delivered: 'maybe' })
})

test('S39 (F5): a call with timeoutMs 0 fails after maxCallTimeoutMs', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' }, { callTimeoutMs: 1, maxCallTimeoutMs: 2_000 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const error = await errorOf(supervisor.callTool('server', 'echo', { text: 'hello' }, { timeoutMs: 0 }))

  expect(error.code).toBe('CALL_TIMEOUT')
  expect(error.message).toContain('within 2000 ms')
})

test('S40: timeoutMs covers connecting, so a call to a server that starts slowly fails undelivered', async () => {
  const server = stdioServer({ start: { mode: 'slow', ms: 60_000 } })
  const supervisor = supervise({ server })

  const error = await errorOf(supervisor.callTool('server', 'echo', { text: 'hello' }, { timeoutMs: 300 }))

  expect(error).toMatchObject({ code: 'CALL_TIMEOUT', phase: 'queue', delivered: 'no', retryable: true })
  expect(error.message).toBe('Call to server "server" was not sent within 300 ms')
  expect(server.executed('echo')).toBe(0)
})

test('S41: a call that expired is cancelled at the server, and the next call uses the same process', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  await errorOf(supervisor.callTool('server', 'echo', {}, { timeoutMs: 200 }))
  const pid = textOf(await supervisor.callTool('server', 'pid'))

  await until(() => server.received('notifications/cancelled') === 1)
  expect(server.pids()).toEqual([Number(pid)])
})

test('S42 (F6): a JSON-RPC error keeps its code, message and data', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  const error = await errorOf(supervisor.callTool('server', 'rpc-error'))

  expect(error).toMatchObject({
    code: 'MCP_ERROR',
    server: 'server',
    phase: 'call',
    delivered: 'yes',
    retryable: false,
    mcp: { code: -32042, data: { hint: 'kept' } },
  })
  expect(error.message).toBe('Server "server" answered with error -32042: as asked')
})

test('S43 (F7): a result with isError is a result', async () => {
  const supervisor = supervise({ server: stdioServer() })

  const result = await supervisor.callTool('server', 'fail')

  expect(result).toEqual({ content: [{ type: 'text', text: 'it failed' }], isError: true })
})

test('S43 (F6): a tool that the server does not know is the error that the server answers', async () => {
  const supervisor = supervise({ server: stdioServer() })

  const error = await errorOf(supervisor.callTool('server', 'no-such-tool'))

  expect(error).toMatchObject({ code: 'MCP_ERROR', mcp: { code: -32602 }, delivered: 'yes' })
})

test('S44: a call to an unknown or an invalid server is refused before any connection', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server, invalid: {} })

  const unknown = await errorOf(supervisor.callTool('nobody', 'echo'))
  const invalid = await errorOf(supervisor.callTool('invalid', 'echo'))

  expect(unknown).toMatchObject({ code: 'SERVER_UNKNOWN', delivered: 'no' })
  expect(invalid).toMatchObject({ code: 'SERVER_UNAVAILABLE', delivered: 'no', cause: { code: 'CONFIG_INVALID' } })
  expect(server.pids()).toEqual([])
})

test('S45: three calls are three executions in one session', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  for (const text of ['a', 'b', 'c']) await supervisor.callTool('server', 'echo', { text })

  expect(server.executed('echo')).toBe(3)
  expect(server.received('initialize')).toBe(1)
})

test('S46 (F1): calls to a stdio server share one process and its state, parallel ones too', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  const parallel = await Promise.all([1, 2, 3].map(() => supervisor.callTool('server', 'counter')))
  const last = await supervisor.callTool('server', 'counter')

  expect(parallel.map(textOf).toSorted()).toEqual(['1', '2', '3'])
  expect(textOf(last)).toBe('4')
  expect(server.pids()).toHaveLength(1)
})

test('S46 (F1): calls to an HTTP server share one session', async () => {
  const server = await httpServer()
  const supervisor = supervise({ server })

  await Promise.all([1, 2, 3].map(() => supervisor.callTool('server', 'counter')))
  await supervisor.callTool('server', 'counter')

  const calls = server.fixture.requests('POST').filter(({ message }) => message?.method === 'tools/call')
  expect(calls).toHaveLength(4)
  expect(new Set(calls.map(({ headers }) => headers?.['mcp-session-id']))).toEqual(new Set(server.fixture.sessions))
  expect(server.fixture.sessions).toHaveLength(1)
})

test('S47: a call that expires does not disturb another one in flight on the same server', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const slow = supervisor.callTool('server', 'sleep', { ms: 1_000 })
  const error = await errorOf(supervisor.callTool('server', 'echo', {}, { timeoutMs: 100 }))

  expect(error.code).toBe('CALL_TIMEOUT')
  expect(textOf(await slow)).toBe('slept 1000')
  expect(server.pids()).toHaveLength(1)
})

test('S48 (F4): a failed call is not repeated and leaves the status of its server as it was', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const before = supervisor.status('server')

  await errorOf(supervisor.callTool('server', 'rpc-error'))

  expect(server.executed('rpc-error')).toBe(1)
  expect(supervisor.status('server')).toEqual(before)
})

test('S49 (F2): a call whose process dies fails as lost, and the next call has a new process', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  const error = await errorOf(supervisor.callTool('server', 'crash'))
  const pid = textOf(await supervisor.callTool('server', 'pid'))

  expect(error).toMatchObject({ code: 'CONNECTION_LOST', signal: 'SIGKILL', delivered: 'maybe', retryable: true })
  expect(server.pids()).toHaveLength(2)
  expect(server.pids().at(-1)).toBe(Number(pid))
})
