import { expect, test } from 'vitest'
import { stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

test('rejects an aborted call at once and tells the server once', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const caller = new AbortController()

  const call = errorOf(supervisor.callTool('server', 'sleep', { ms: 15_000 }, { signal: caller.signal }))
  await until(() => server.executed('sleep') === 1)
  caller.abort(new Error('enough'))

  expect(await call).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe', cause: { message: 'enough' } })
  await until(() => server.received('notifications/cancelled') > 0)
  await supervisor.callTool('server', 'echo', { text: 'a' })
  expect(server.received('notifications/cancelled')).toBe(1)
  expect(server.pids()).toHaveLength(1)
})

test('tells the server of an aborted listing', async () => {
  const server = stdioServer({ 'tools/list': 'hang' }, { listTimeoutMs: 300 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  await until(() => server.received('notifications/cancelled') === 1)
  const caller = new AbortController()

  const listing = errorOf(supervisor.listTools('server', { signal: caller.signal }))
  await until(() => server.received('tools/list') === 2)
  caller.abort()

  expect(await listing).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
  await until(() => server.received('notifications/cancelled') === 2)
})

test('sends nothing of a call that was aborted while it waited', async () => {
  const server = stdioServer({}, { maxConcurrency: 1 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const caller = new AbortController()

  const first = supervisor.callTool('server', 'sleep', { ms: 500 })
  const second = errorOf(supervisor.callTool('server', 'echo', {}, { signal: caller.signal }))
  await until(() => server.executed('sleep') === 1)
  caller.abort()

  expect(await second).toMatchObject({ code: 'CALL_ABORTED', delivered: 'no' })
  await first
  expect(server.executed('echo')).toBe(0)
  expect(server.received('notifications/cancelled')).toBe(0)
})

test('lets one call time out without harm to another on the same server', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const other = supervisor.callTool('server', 'sleep', { ms: 800 })
  const late = await errorOf(supervisor.callTool('server', 'echo', {}, { timeoutMs: 100 }))

  expect(late).toMatchObject({ code: 'CALL_TIMEOUT', delivered: 'maybe' })
  expect(textOf(await other)).toBe('slept 800')
  expect(server.pids()).toHaveLength(1)
})

test('keeps a call alive as long as it makes progress', async () => {
  const supervisor = supervise({ server: stdioServer() })
  await supervisor.connect('server')
  const steps: number[] = []

  // Ten steps, each well below the deadline, that are together well beyond it.
  const call = supervisor.callTool(
    'server',
    'sleep',
    { ms: 4_000 },
    {
      timeoutMs: 2_000,
      onProgress: ({ progress }) => void steps.push(progress),
    },
  )

  expect(textOf(await call)).toBe('slept 4000')
  expect(steps.slice(0, 9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('refuses more calls than may wait, and answers the others', async () => {
  const server = stdioServer({}, { maxConcurrency: 1, maxQueue: 2 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => supervisor.callTool('server', 'sleep', { ms: 50 })),
  )

  const refused = { status: 'rejected', reason: { code: 'QUEUE_FULL', delivered: 'no', retryable: true } }
  const answered = { status: 'fulfilled' }
  expect(outcomes).toMatchObject([answered, answered, answered, refused, refused])
  expect(server.executed('sleep')).toBe(3)
})

test('lists the new tool once the server told that its tools changed', async () => {
  const server = stdioServer({ background: { mode: 'change', kind: 'add', ms: 400 } })
  const supervisor = supervise({ server })
  const before = await supervisor.listTools('server')
  const told = new Promise((resolve) => supervisor.on('notification.received', resolve))

  expect(await told).toMatchObject({ server: 'server', method: 'notifications/tools/list_changed' })
  const after = await supervisor.listTools('server')

  expect(after).toHaveLength(before.length + 1)
  expect(after.at(-1)?.name).toMatch(/^added-/)
})

test('lists the tools of all pages', async () => {
  const supervisor = supervise({
    paged: stdioServer({ paging: { mode: 'size', size: 5 } }),
    whole: stdioServer(),
  })

  expect(await supervisor.listTools('paged')).toEqual(await supervisor.listTools('whole'))
})

test('shows a server no variable of ours but the harmless ones', async () => {
  process.env['MCPVISOR_TEST_SECRET'] = 'not for servers'
  const supervisor = supervise({ server: stdioServer() })
  const names = textOf(await supervisor.callTool('server', 'env')).split(' ')
  delete process.env['MCPVISOR_TEST_SECRET']

  const harmless = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'JOURNAL']
  expect(names.filter((name) => !harmless.includes(name) && !name.startsWith('MCPVISOR'))).toEqual([])
  expect(names).not.toContain('MCPVISOR_TEST_SECRET')
})
