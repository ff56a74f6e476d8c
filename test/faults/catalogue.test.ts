import { expect, test } from 'vitest'
import { stdioServer, supervise, until } from '../support/fixture-servers.js'
import { watch } from '../support/fault-watch.js'

const digest = expect.stringMatching(/^[\da-f]{64}$/) as string

test.each([
  ['add', { added: ['added-12'], removed: [], changed: [] }, 13],
  ['remove', { added: [], removed: ['big'], changed: [] }, 11],
])('S46: a change that is told (%s) is listed once, told by name and in force', async (kind, changes, count) => {
  const server = stdioServer({ background: { mode: 'change', kind, ms: 200 } })
  const supervisor = supervise({ server })
  const { of } = watch(supervisor)
  await supervisor.connect('server')

  await until(() => of('tools.changed').length > 0)

  expect(of('tools.changed')).toEqual([{ type: 'tools.changed', server: 'server', ...changes }])
  expect(await supervisor.listTools('server')).toHaveLength(count)
  expect(supervisor.status('server').tools).toBe(count)
  expect(server.received('tools/list')).toBe(2)
})

test('S46: a definition that changes under its name is told with both digests', async () => {
  const server = stdioServer({ background: { mode: 'change', kind: 'rug-pull', ms: 200 } })
  const supervisor = supervise({ server })
  const { of } = watch(supervisor)
  await supervisor.connect('server')

  await until(() => of('tools.changed').length > 0)

  const [event] = of('tools.changed')
  expect(event?.changed).toHaveLength(12)
  expect(event?.changed[0]).toEqual({ name: 'echo', from: digest, to: digest })
  expect(event?.changed[0]?.from).not.toBe(event?.changed[0]?.to)
})

test('S47: a change that is not told is the same event at the next listing', async () => {
  const server = stdioServer({ background: { mode: 'change', kind: 'rug-pull', ms: 100, silent: true } })
  const supervisor = supervise({ server })
  const { of } = watch(supervisor)
  await supervisor.connect('server')

  while (of('tools.changed').length === 0) await supervisor.listTools('server', { refresh: true })

  expect(of('tools.changed')).toMatchObject([{ added: [], removed: [], changed: { length: 12 } }])
})

test('X07: a definition that changes while the server is away is the same event once it is back', async () => {
  const server = stdioServer({ tools: { mode: 'many', count: 3, first: 1 } })
  const supervisor = supervise({ server })
  const { of } = watch(supervisor)
  await supervisor.connect('server')

  await supervisor.restart('server')

  await until(() => of('tools.changed').length > 0)
  expect(of('tools.changed')[0]).toMatchObject({ removed: ['tool-0', 'tool-1', 'tool-2'] })
})

test.each([
  ['that lists at once', {}, 100],
  ['that takes its time to list', { 'tools/list': { mode: 'late', ms: 250 } }, 250],
])('S50: a storm of changes of a server %s costs one listing after the other', async (_, faults, windowMs) => {
  const server = stdioServer({ background: { mode: 'flood', kind: 'list-changed', count: 20, ms: 2 }, ...faults })
  const supervisor = supervise({ server })
  const startedAt = performance.now()
  await supervisor.connect('server')

  await until(() => server.received('tools/list') >= 5)

  const windows = (performance.now() - startedAt) / windowMs
  expect(server.received('tools/list')).toBeLessThanOrEqual(windows + 2)
  await supervisor.callTool('server', 'pid')
})
