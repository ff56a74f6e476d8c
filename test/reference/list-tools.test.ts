import { expect, test } from 'vitest'
import { httpServer, stdioServer, supervise } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

test('S50: the listing is what the server lists, untouched and in its order', async () => {
  const supervisor = supervise({ server: stdioServer() })

  const tools = await supervisor.listTools('server')

  expect(tools.map(({ name }) => name).slice(0, 3)).toEqual(['echo', 'add', 'sleep'])
  expect(tools[1]).toEqual({
    name: 'add',
    description: 'Adds two numbers.',
    inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
    annotations: { readOnlyHint: true, idempotentHint: true },
  })
})

test('S50 (F17): a server that announces changes is asked once, and again only on refresh', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })

  const first = await supervisor.listTools('server')
  const second = await supervisor.listTools('server')
  expect(second).toEqual(first)
  expect(server.received('tools/list')).toBe(1)

  await supervisor.listTools('server', { refresh: true })
  expect(server.received('tools/list')).toBe(2)
})

test('S51 (F6): a failed listing keeps the code of the server', async () => {
  const server = stdioServer({ 'tools/list': { mode: 'error', code: -32603, message: 'no list today' } })
  const supervisor = supervise({ server })

  const error = await errorOf(supervisor.listTools('server'))

  expect(error).toMatchObject({ code: 'MCP_ERROR', server: 'server', mcp: { code: -32603 } })
  expect(error.message).toContain('no list today')
})

test('S51 (F6): a listing fails with the cause when its server cannot be started', async () => {
  const supervisor = supervise({ server: { command: '/nowhere/to/be/found' } })

  const error = await errorOf(supervisor.listTools('server'))

  expect(error).toMatchObject({ code: 'SPAWN_FAILED', server: 'server', retryable: false })
  expect(error.message).toContain('/nowhere/to/be/found')
})

test('S52: a listing of an unknown or an invalid server is refused before any connection', async () => {
  const server = await httpServer()
  const supervisor = supervise({ server, invalid: {} })

  expect(await errorOf(supervisor.listTools('nobody'))).toMatchObject({ code: 'SERVER_UNKNOWN' })
  expect(await errorOf(supervisor.listTools('invalid'))).toMatchObject({ code: 'SERVER_UNAVAILABLE' })
  expect(server.fixture.journal).toEqual([])
})

test('S53 (F5): a listing without timeoutMs fails after listTimeoutMs when the server stays silent', async () => {
  const server = stdioServer({ 'tools/list': 'hang' }, { listTimeoutMs: 300, callTimeoutMs: 20_000 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const error = await errorOf(supervisor.listTools('server'))

  expect(error).toMatchObject({ code: 'CALL_TIMEOUT', phase: 'list', delivered: 'maybe' })
  expect(error.message).toBe('Server "server" did not list its tools within 300 ms')
})
