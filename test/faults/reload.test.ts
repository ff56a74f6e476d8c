import { expect, test } from 'vitest'
import {
  type StdioServer,
  configOf,
  isRunning,
  stdioServer,
  supervise,
  textOf,
  until,
} from '../support/fixture-servers.js'
import { watch } from '../support/fault-watch.js'
import { shellServer } from '../support/fault-shell-server.js'
import { errorOf } from '../support/rejection.js'

/** The same server with another configuration. */
const changed = ({ entry }: StdioServer) => ({ ...entry, args: [...(entry.args ?? []), 'changed'] })

test('C08: a call in flight is drained when its server is removed, and a call after that is to nobody', async () => {
  const server = stdioServer({}, { drainTimeoutMs: 10_000 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const inFlight = supervisor.callTool('server', 'sleep', { ms: 500 })
  await until(() => server.received('tools/call') === 1)

  const reload = supervisor.reload({ mcpServers: {} })

  expect(textOf(await inFlight)).toBe('slept 500')
  expect(await reload).toMatchObject({ ok: true, removed: ['server'] })
  expect(await errorOf(supervisor.callTool('server', 'pid'))).toMatchObject({ code: 'SERVER_UNKNOWN', delivered: 'no' })
  expect(server.pids().some(isRunning)).toBe(false)
})

test('C08: a call that outlasts the drain of its removed server fails as removed', async () => {
  const server = stdioServer({ 'tools/call:echo': 'hang' }, { drainTimeoutMs: 200 })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const inFlight = errorOf(supervisor.callTool('server', 'echo'))
  await until(() => server.received('tools/call') === 1)

  await supervisor.reload({ mcpServers: {} })

  expect(await inFlight).toMatchObject({ code: 'SERVER_REMOVED', delivered: 'maybe' })
})

test('C09: calls during a replacement go to the old or the new process, calls after it to the new one', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  const before = Number(textOf(await supervisor.callTool('server', 'pid')))

  const reload = supervisor.reload({ mcpServers: { server: changed(server) } })
  const during = await Promise.all(Array.from({ length: 20 }, () => supervisor.callTool('server', 'pid').then(textOf)))
  expect(await reload).toMatchObject({ ok: true, updated: ['server'] })
  const after = Number(textOf(await supervisor.callTool('server', 'pid')))

  expect(server.pids()).toEqual([before, after])
  expect(during.map(Number).filter((pid) => pid !== before && pid !== after)).toEqual([])
  expect(isRunning(before)).toBe(false)
})

test('C10: each reload of a storm settles, and the last one is in force', async () => {
  const supervisor = supervise({ a: shellServer(), kept: shellServer() })
  await Promise.all([supervisor.connect('a'), supervisor.connect('kept')])
  const { pid } = supervisor.status('kept')

  const reports = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      supervisor.reload({ mcpServers: { kept: shellServer(), [`b${n % 3}`]: shellServer({ retries: n }) } }),
    ),
  )

  expect(reports.every(({ ok }) => ok)).toBe(true)
  expect(supervisor.servers()).toEqual(['kept', 'b2'])
  expect(supervisor.status('kept')).toMatchObject({ state: 'ready', pid })
  expect(textOf(await supervisor.callTool('b2', 'echo', { text: 'x' }))).toBe('x')
})

test.each([
  ['connecting', { initialize: 'hang' }, {}],
  ['retrying', { start: 'exit' }, { minTimeoutMs: 60_000, maxTimeoutMs: 60_000 }],
])(
  'C11: a reload abandons what is %s when its entry changed, and leaves it alone when not',
  async (state, faults, policy) => {
    const server = stdioServer(faults, policy)
    const good = stdioServer()
    const supervisor = supervise({ server })
    const { states } = watch(supervisor)
    const call = supervisor.callTool('server', 'echo', { text: 'waited' })
    await until(() => supervisor.status('server').state === state && server.pids().length === 1)

    const same = await supervisor.reload(configOf({ server }))
    expect(same).toMatchObject({ ok: true, unchanged: ['server'] })
    expect(states('server').at(-1)).toBe(state)

    const other = await supervisor.reload(configOf({ server: good }))
    expect(other).toMatchObject({ ok: true, updated: ['server'] })
    expect(textOf(await call)).toBe('waited')
    expect([server.pids().length, good.executed('echo')]).toEqual([1, 1])
    expect(server.pids().some(isRunning)).toBe(false)
  },
)

test.each([
  ['a text as args', { command: 'node', args: 'x' }, 'args'],
  ['no command and no url', {}, 'command'],
  ['a number among the values of env', { command: 'node', env: { A: {} } }, 'env'],
  ['a text as timeout', { command: 'node', supervisor: { callTimeoutMs: 'soon' } }, 'callTimeoutMs'],
])('C12: a configuration with %s is refused whole, and the message names the field', async (_, entry, field) => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const before = supervisor.status('server')
  const { of } = watch(supervisor)

  const report = await supervisor.reload({ mcpServers: { bad: entry } })

  expect(report).toMatchObject({ ok: false, error: { code: 'CONFIG_INVALID', delivered: 'no' } })
  if (!report.ok) expect(report.error.message).toContain(field)
  expect(supervisor.status('server')).toEqual(before)
  expect(supervisor.servers()).toEqual(['server'])
  expect(of('state.changed')).toEqual([])
})

test('C13: the same configuration in another object with its keys in another order changes nothing', async () => {
  const server = stdioServer({ 'tools/call:echo': { mode: 'late', ms: 300 } })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const before = supervisor.status('server')
  const { of } = watch(supervisor)
  const inFlight = supervisor.callTool('server', 'echo', { text: 'kept' })

  const reversed = Object.fromEntries(Object.entries(server.entry).toReversed())
  expect(await supervisor.reload(structuredClone({ mcpServers: { server: reversed } }))).toMatchObject({
    unchanged: ['server'],
  })

  expect(textOf(await inFlight)).toBe('kept')
  expect(supervisor.status('server')).toEqual(before)
  expect(of('state.changed')).toEqual([])
})

test('C22: changes that a caller makes to his configuration afterwards have no effect', async () => {
  const server = stdioServer()
  const args = [...(server.entry.args ?? [])]
  const config = { mcpServers: { server: { ...server.entry, args } as Record<string, unknown> } }
  const created = supervise(config.mcpServers)
  const reloaded = supervise({})
  await reloaded.reload(config)

  config.mcpServers.server['command'] = 'no-such-program'
  args.push('changed')

  for (const supervisor of [created, reloaded])
    expect(JSON.parse(textOf(await supervisor.callTool('server', 'argv')))).toEqual(server.entry.args?.slice(1))
})
