import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startHttpServer } from '../fixtures/servers/http.mjs'
import { httpServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

/** How often the server was asked by that method. */
const received = ({ fixture }: Awaited<ReturnType<typeof httpServer>>, method: string) =>
  fixture.requests('POST').filter(({ message }) => message?.method === method).length

test('opens one session for parallel first uses', async () => {
  const server = await httpServer()
  const supervisor = supervise({ server })

  await Promise.all([
    supervisor.listTools('server'),
    supervisor.callTool('server', 'echo', { text: 'a' }),
    supervisor.connect('server'),
  ])

  expect(received(server, 'initialize')).toBe(1)
  expect(server.fixture.sessions).toHaveLength(1)
})

test('serves a good server beside one that nobody runs', async () => {
  const gone = await startHttpServer()
  await gone.close()
  const supervisor = supervise({ gone: { url: gone.url, supervisor: { retries: 0 } }, good: await httpServer() })

  const bad = await errorOf(supervisor.callTool('gone', 'echo'))
  const answer = await supervisor.callTool('good', 'echo', { text: 'fine' })

  expect(bad).toMatchObject({ code: 'CONNECTION_LOST', server: 'gone', delivered: 'no', retryable: true })
  expect(textOf(answer)).toBe('fine')
})

test('H03: answers on a fresh session when the server forgot the old one', async () => {
  const server = await httpServer()
  const supervisor = supervise({ server })
  await supervisor.callTool('server', 'echo', { text: 'before' })

  server.fixture.forgetSessions()

  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'after' }))).toBe('after')
  expect(received(server, 'initialize')).toBe(2)
  expect(server.fixture.calls('echo')).toHaveLength(2)
  const opened = server.fixture.requests('POST').filter(({ message }) => message?.method === 'initialize')
  expect(opened.filter(({ headers }) => headers?.['mcp-session-id'] !== undefined)).toEqual([])
})

test('H03: answers twenty parallel calls on one fresh session', async () => {
  const server = await httpServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  server.fixture.forgetSessions()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => supervisor.callTool('server', 'echo', { text: String(n) })),
  )

  expect(answers.map(textOf)).toEqual(Array.from({ length: 20 }, (_, n) => String(n)))
  expect(received(server, 'initialize')).toBe(2)
  expect(server.fixture.calls('echo')).toHaveLength(20)
})

test('H07 H31: goes on with a server that was restarted', async () => {
  const server = await httpServer({}, { minTimeoutMs: 100, retries: 8 })
  const supervisor = supervise({ server })
  await supervisor.callTool('server', 'echo', { text: 'before' })

  await server.fixture.close()
  // A request that goes out before the client has heard of the end of its connections may have been executed.
  await sleep(200)
  const call = supervisor.callTool('server', 'echo', { text: 'after' })
  await until(() => supervisor.status('server').state === 'retrying')
  const restarted = await startHttpServer({}, { port: server.fixture.port })
  onTestFinished(() => restarted.close())

  expect(textOf(await call)).toBe('after')
  expect(restarted.calls('echo')).toHaveLength(1)
})

test('H08: executes a call once whose connection breaks before the answer, and keeps the session', async () => {
  const server = await httpServer({ echo: { do: 'reset', execute: true, times: 1 } })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const error = await errorOf(supervisor.callTool('server', 'echo', { text: 'lost' }))
  const answer = await supervisor.callTool('server', 'echo', { text: 'next' })

  expect(error).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe', retryable: true })
  expect(textOf(answer)).toBe('next')
  expect(server.fixture.calls('echo')).toHaveLength(2)
  expect(received(server, 'initialize')).toBe(1)
})

test('rejects an aborted call at once and tells the server once', async () => {
  const server = await httpServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const caller = new AbortController()

  const call = errorOf(supervisor.callTool('server', 'sleep', { ms: 15_000 }, { signal: caller.signal }))
  await until(() => server.fixture.calls('sleep').length === 1)
  caller.abort()

  expect(await call).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
  await until(() => received(server, 'notifications/cancelled') > 0)
  await supervisor.callTool('server', 'echo', { text: 'a' })
  expect(received(server, 'notifications/cancelled')).toBe(1)
  expect(received(server, 'initialize')).toBe(1)
})

test('H10: lets one call time out without harm to another on the same session', async () => {
  const server = await httpServer({ echo: 'hang' })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const other = supervisor.callTool('server', 'sleep', { ms: 800 })
  const late = await errorOf(supervisor.callTool('server', 'echo', {}, { timeoutMs: 100 }))

  expect(late).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'maybe' })
  expect(textOf(await other)).toBe('slept 800')
  expect(received(server, 'initialize')).toBe(1)
})

test.each([408, 429, 503])('H05: waits as long as the server asks when it answers %i at first', async (status) => {
  const server = await httpServer({ initialize: { do: 'status', status, headers: { 'retry-after': '1' }, times: 1 } })
  const supervisor = supervise({ server })

  const startedAt = performance.now()
  await supervisor.connect('server')

  expect(performance.now() - startedAt).toBeGreaterThan(950)
  expect(received(server, 'initialize')).toBe(2)
})

test('H05: lists again when the server is busy, and does not send a call again', async () => {
  const busy = { do: 'status', status: 429, headers: { 'retry-after': '1' }, times: 1 }
  const server = await httpServer({ 'tools/list': busy, echo: busy })
  const supervisor = supervise({ server })

  expect((await supervisor.listTools('server')).length).toBeGreaterThan(1)
  const [first, second] = server.fixture
    .requests('POST')
    .flatMap(({ message, at }) => (message?.method === 'tools/list' ? at : []))
  expect(Number(second) - Number(first)).toBeGreaterThan(950)
  const error = await errorOf(supervisor.callTool('server', 'echo', { text: 'once' }))

  expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE', delivered: 'no', retryAfterMs: 1_000 })
  expect(received(server, 'tools/call')).toBe(1)
  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'again' }))).toBe('again')
})

test('asks for authorization once and says so to every later call', async () => {
  const server = await httpServer({ initialize: { do: 'status', status: 401 } })
  const supervisor = supervise({ server })

  const first = await errorOf(supervisor.callTool('server', 'echo'))
  const second = await errorOf(supervisor.callTool('server', 'echo'))

  expect(first).toMatchObject({ code: 'AUTH_REQUIRED', httpStatus: 401, delivered: 'no', retryable: false })
  expect(second).toMatchObject({ code: 'AUTH_REQUIRED', delivered: 'no' })
  expect(received(server, 'initialize')).toBe(1)
})

test('lists the new tools once the server told that its tools changed', async () => {
  const server = await httpServer()
  const supervisor = supervise({ server })
  await supervisor.listTools('server')
  await supervisor.listTools('server')
  expect(received(server, 'tools/list')).toBe(1)
  const told = new Promise((resolve) => supervisor.on('notification.received', resolve))
  await until(() => server.fixture.requests('GET').length === 1)

  await supervisor.callTool('server', 'change-list')

  expect(await told).toMatchObject({ method: 'notifications/tools/list_changed' })
  await supervisor.listTools('server')
  expect(received(server, 'tools/list')).toBe(2)
})

test('H30: ends the session and every connection when it closes', async () => {
  const server = await httpServer()
  const supervisor = supervise({ server })
  await supervisor.callTool('server', 'echo', { text: 'a' })
  expect(server.fixture.sessions).toHaveLength(1)

  expect(await supervisor.close()).toMatchObject({ closed: 1, endedBy: { server: 'http' } })

  expect(server.fixture.sessions).toEqual([])
  await until(() => server.fixture.sockets === 0)
  expect(await errorOf(supervisor.callTool('server', 'echo'))).toMatchObject({ code: 'SHUTDOWN' })
  expect(received(server, 'initialize')).toBe(1)
})

test('fails a call in flight as shut down when it does not finish in time', async () => {
  const server = await httpServer({ echo: 'hang' }, { drainTimeoutMs: 200 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const call = errorOf(supervisor.callTool('server', 'echo'))
  await until(() => received(server, 'tools/call') === 1)

  await supervisor.close()

  expect(await call).toMatchObject({ code: 'SHUTDOWN', delivered: 'maybe' })
})
