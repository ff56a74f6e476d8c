import { expect, test } from 'vitest'
import { stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { watch } from '../support/fault-watch.js'
import { errorOf } from '../support/rejection.js'

test.each([
  ['S33', 'an answer of 50 MB', { mode: 'huge', bytes: 50e6 }],
  ['S34', 'a line without end', { mode: 'endless' }],
  ['S35', 'an answer just over the limit', { mode: 'huge', bytes: 10 * 1024 * 1024 }],
])('%s: %s passes the limit: calls fail there and then, and the server starts anew', async (_, _title, fault) => {
  const server = stdioServer({ 'tools/call:echo': fault })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const before = process.memoryUsage().rss

  const others = errorOf(supervisor.callTool('server', 'sleep', { ms: 60_000 }))
  const error = await errorOf(supervisor.callTool('server', 'echo'))

  expect(error).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'maybe', retryable: true })
  expect(error.message).toContain('10485760 bytes')
  expect((await others).code).toBe('RESPONSE_INVALID')
  expect(process.memoryUsage().rss - before).toBeLessThan(80e6)
  await supervisor.callTool('server', 'pid')
  expect(server.pids()).toHaveLength(2)
})

test('S35: an answer of 5 MB arrives', async () => {
  const supervisor = supervise({ server: stdioServer() })
  expect(textOf(await supervisor.callTool('server', 'big', { bytes: 5e6 }))).toHaveLength(5e6)
})

test.each([
  ['loop', 'the cursor repeats'],
  ['cycle', 'the cursor repeats'],
  ['endless', 'more than 1000 pages'],
])('S48: paging without end (%s) is found out; nothing of it is kept, and calls by name work', async (mode, reason) => {
  const server = stdioServer({ paging: { mode, size: 5 } })
  const supervisor = supervise({ server })

  const error = await errorOf(supervisor.listTools('server'))

  expect(error).toMatchObject({ code: 'RESPONSE_INVALID', delivered: 'yes' })
  expect(error.message).toContain(reason)
  expect(supervisor.status('server')).toMatchObject({ state: 'ready', error: error.message })
  await supervisor.callTool('server', 'pid')
  expect(server.pids()).toHaveLength(1)
})

test('S49: ten thousand tools on a hundred pages are all listed', async () => {
  const server = stdioServer({ tools: { mode: 'many', count: 10_000 }, paging: { mode: 'size', size: 100 } })
  const supervisor = supervise({ server })
  const tools = await supervisor.listTools('server')
  expect(new Set(tools.map(({ name }) => name)).size).toBe(10_000)
})

test('S49: one tool more than that passes the limit', async () => {
  const supervisor = supervise({ server: stdioServer({ tools: { mode: 'many', count: 10_001 } }) })
  const error = await errorOf(supervisor.listTools('server'))
  expect(error.message).toContain('more than 10000 tools')
})

test.each(['notification', 'log'])(
  'S51: of a flood (%s) a hundred a second are told, the rest is counted, and calls are answered',
  async (kind) => {
    const server = stdioServer({ background: { mode: 'flood', kind, count: 50, ms: 2 } })
    const supervisor = supervise({ server })
    const { of, violations } = watch(supervisor)
    const startedAt = performance.now()

    await supervisor.connect('server')
    await until(() => violations('server').includes('past 100 a second was dropped'))
    for (let n = 0; n < 20; n += 1) await supervisor.callTool('server', 'pid')

    const seconds = 1 + Math.ceil((performance.now() - startedAt) / 1_000)
    expect(of('notification.received').length).toBeLessThanOrEqual(100 * seconds)
    expect(of('protocol.violated').length).toBeLessThanOrEqual(seconds)
  },
)

test('S51: requests of a server are answered, and a flood of them does not keep calls waiting', async () => {
  const server = stdioServer({ background: { mode: 'flood', kind: 'request', count: 20, ms: 5 } })
  const supervisor = supervise({ server })
  for (let n = 0; n < 20; n += 1) await supervisor.callTool('server', 'pid')
  const answered = () =>
    server.journal.lines().filter(({ event, method }) => event === 'received' && method === undefined)
  // Of more than one burst.
  await until(() => answered().length > 20)
  expect(new Set(answered().map(({ error }) => error?.code))).toEqual(new Set([-32601]))
  expect(server.pids()).toHaveLength(1)
})

test('S52: a hundred megabytes of stderr are drained and only their end is kept', async () => {
  const server = stdioServer({ stderr: { mode: 'flood', bytes: 1e8 }, 'tools/call:echo': 'exit' })
  const supervisor = supervise({ server })
  const { of } = watch(supervisor)
  await supervisor.connect('server')
  const before = process.memoryUsage().rss

  const error = await errorOf(supervisor.callTool('server', 'echo'))

  expect(error.stderrTail).toMatch(/fixture server exits with 1$/)
  expect(error.stderrTail?.length).toBeLessThanOrEqual(64 * 1024)
  expect(of('stderr.written').length).toBeLessThan(100_000 / 2)
  expect(process.memoryUsage().rss - before).toBeLessThan(60e6)
})

test('S63: a server that holds much memory holds none of ours', async () => {
  const before = process.memoryUsage().rss
  const supervisor = supervise({ server: stdioServer({ background: { mode: 'hog', bytes: 3e8 } }) })
  await supervisor.callTool('server', 'pid')
  await supervisor.callTool('server', 'pid')
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
})
