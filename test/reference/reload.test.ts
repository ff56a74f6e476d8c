import { expect, test } from 'vitest'
import type { Supervisor } from '../../src/index.js'
import { type StdioServer, configOf, isRunning, stdioServer, supervise, textOf } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

/** The entry with one more variable: another configuration of the same server. */
const changed = ({ entry }: StdioServer) => ({ ...entry, env: { ...entry.env, CHANGED: 'yes' } })

const pidOf = async (supervisor: Supervisor, name: string) => Number(textOf(await supervisor.callTool(name, 'pid')))

test('S59: reload resolves, whatever it is given', async () => {
  const supervisor = supervise({})
  const hostile = Object.defineProperty({}, 'mcpServers', {
    get: () => {
      throw new Error('no')
    },
  })

  for (const config of [undefined, null, 42, 'text', [], { mcpServers: 1 }, hostile]) {
    const report = await supervisor.reload(config)
    expect(report).toMatchObject({ ok: false, error: { code: 'CONFIG_INVALID' } })
  }
})

test.each([
  [null, 'null'],
  [[], 'array'],
  [42, 'number'],
  ['text', 'string'],
  [undefined, 'undefined'],
])('S60: a reload with %j is refused for its type', async (config, type) => {
  const report = await supervise({}).reload(config)

  expect(report).toMatchObject({ ok: false, error: { message: `MCP configuration must be an object, got ${type}` } })
})

test('S61: a reload whose "mcpServers" is no object is refused for its type', async () => {
  const report = await supervise({}).reload({ mcpServers: [] })

  expect(report).toMatchObject({ ok: false, error: { message: '"mcpServers" must be an object, got array' } })
})

test('S62 (F8): a missing "mcpServers" is refused, and every server stays', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  const pid = await pidOf(supervisor, 'server')

  const report = await supervisor.reload({})

  expect(report).toMatchObject({ ok: false, error: { code: 'CONFIG_INVALID' } })
  expect(supervisor.status('server')).toMatchObject({ state: 'ready', pid })
})

test('S63: one invalid entry refuses the whole, names the first offender, and touches nothing', async () => {
  const [kept, other] = [stdioServer(), stdioServer()]
  const supervisor = supervise({ kept })
  const pid = await pidOf(supervisor, 'kept')
  const call = supervisor.callTool('kept', 'sleep', { ms: 300 })
  const before = supervisor.config()

  const report = await supervisor.reload(configOf({ kept: changed(kept), other, first: {}, second: {} }))

  expect(report).toMatchObject({
    ok: false,
    error: {
      code: 'CONFIG_INVALID',
      message:
        'Invalid configuration for server "first": ' +
        'Server "first" must specify either "command" (stdio) or "url" (HTTP) transport',
    },
  })
  expect(textOf(await call)).toBe('slept 300')
  expect(await pidOf(supervisor, 'kept')).toBe(pid)
  expect(supervisor.servers()).toEqual(['kept'])
  expect(supervisor.config()).toEqual(before)
})

test('S64: entries are compared by what they say, not by the order of their keys', async () => {
  const [same, other] = [stdioServer(), stdioServer()]
  const supervisor = supervise({ same, other })
  const reordered = Object.fromEntries(Object.entries(same.entry).toReversed())

  const report = await supervisor.reload(configOf({ other: changed(other), same: reordered }))

  expect(report).toEqual({ ok: true, added: [], removed: [], updated: ['other'], unchanged: ['same'], failed: {} })
})

test('S65: an unchanged server keeps its process and its calls in flight', async () => {
  const [kept, other] = [stdioServer(), stdioServer()]
  const supervisor = supervise({ kept, other })
  const pid = await pidOf(supervisor, 'kept')
  const call = supervisor.callTool('kept', 'sleep', { ms: 500 })

  await supervisor.reload(configOf({ kept, other: changed(other) }))

  expect(supervisor.status('kept')).toMatchObject({ state: 'ready', pid, inFlight: 1 })
  expect(textOf(await call)).toBe('slept 500')
  expect(kept.pids()).toEqual([pid])
})

test('S66: an updated server is closed, and its next use has the new configuration', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  const pid = await pidOf(supervisor, 'server')

  await supervisor.reload(configOf({ server: changed(server) }))

  expect(supervisor.status('server')).toMatchObject({ state: 'idle', connected: false, error: '' })
  expect(isRunning(pid)).toBe(false)
  expect(textOf(await supervisor.callTool('server', 'env'))).toContain('CHANGED')
  expect(server.pids()).toHaveLength(2)
})

test('S67: a removed server is gone from the list, the statuses and the process table', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  const pid = await pidOf(supervisor, 'server')

  const report = await supervisor.reload({ mcpServers: {} })

  expect(report).toMatchObject({ ok: true, removed: ['server'] })
  expect(supervisor.servers()).toEqual([])
  expect(supervisor.status('server')).toMatchObject({ state: 'closed', initialized: false, error: '' })
  expect(await errorOf(supervisor.callTool('server', 'pid'))).toMatchObject({ code: 'SERVER_UNKNOWN' })
  expect(isRunning(pid)).toBe(false)
})

test('S68: an added server waits for its first use', async () => {
  const server = stdioServer()
  const supervisor = supervise({})

  const report = await supervisor.reload(configOf({ server }))

  expect(report).toMatchObject({ ok: true, added: ['server'] })
  expect(supervisor.status('server')).toMatchObject({ state: 'idle', connected: false, initialized: true })
  expect(server.pids()).toEqual([])
  expect(await pidOf(supervisor, 'server')).toBe(server.pids()[0])
})

test('S69: an entry that cannot be resolved fails alone, and the others are applied', async () => {
  const [good, other] = [stdioServer(), stdioServer()]
  const supervisor = supervise({}, { env: {} })
  const unresolved = { ...other.entry, env: { TOKEN: '${MCPVISOR_TEST_UNSET}' } }

  const report = await supervisor.reload(configOf({ unresolved, good }))

  expect(report).toMatchObject({ ok: true, added: ['unresolved', 'good'] })
  expect(report.ok && Object.keys(report.failed)).toEqual(['unresolved'])
  expect(supervisor.status('unresolved')).toMatchObject({ state: 'failed', initialized: false })
  expect(supervisor.status('unresolved').error).toContain('MCPVISOR_TEST_UNSET')
  expect(await pidOf(supervisor, 'good')).toBe(good.pids()[0])
})

test('S70: an equal configuration is accepted and touches nothing', async () => {
  const [first, second] = [stdioServer(), stdioServer()]
  const supervisor = supervise({ first, second })
  const pid = await pidOf(supervisor, 'first')
  const states: string[] = []
  supervisor.on('state.changed', ({ server, to }) => void states.push(`${server} ${to}`))

  const report = await supervisor.reload(structuredClone(configOf({ first, second })))

  expect(report).toEqual({ ok: true, added: [], removed: [], updated: [], unchanged: ['first', 'second'], failed: {} })
  expect(states).toEqual([])
  expect(await pidOf(supervisor, 'first')).toBe(pid)
})

test('S71: an empty "mcpServers" removes every server', async () => {
  const supervisor = supervise({ first: stdioServer(), second: stdioServer() })

  const report = await supervisor.reload({ mcpServers: {} })

  expect(report).toMatchObject({ ok: true, removed: ['first', 'second'] })
  expect(supervisor.statuses()).toEqual([])
  expect(supervisor.config()).toEqual({ mcpServers: {} })
})

test('S72: additions, removals, updates and the rest are applied together', async () => {
  const [kept, updated, removed, added] = [stdioServer(), stdioServer(), stdioServer(), stdioServer()]
  const supervisor = supervise({ removed, kept, updated })
  const pid = await pidOf(supervisor, 'kept')

  const report = await supervisor.reload(configOf({ added, updated: changed(updated), kept }))

  expect(report).toEqual({
    ok: true,
    added: ['added'],
    removed: ['removed'],
    updated: ['updated'],
    unchanged: ['kept'],
    failed: {},
  })
  expect(supervisor.servers()).toEqual(['added', 'updated', 'kept'])
  expect(await pidOf(supervisor, 'kept')).toBe(pid)
  expect(await pidOf(supervisor, 'added')).toBe(added.pids()[0])
})

test('S73: a server that could not be resolved is tried again by a reload', async () => {
  const env: Record<string, string> = {}
  const server = stdioServer()
  const entry = { ...server.entry, env: { ...server.entry.env, TOKEN: '${MCPVISOR_TEST_UNSET}' } }
  const supervisor = supervise({ server: entry }, { env })
  expect(await errorOf(supervisor.connect('server'))).toMatchObject({ code: 'CONFIG_UNRESOLVED' })

  env['MCPVISOR_TEST_UNSET'] = 'secret'
  const report = await supervisor.reload(configOf({ server: entry }))

  expect(report).toMatchObject({ ok: true, failed: {} })
  expect(supervisor.status('server')).toMatchObject({ state: 'idle', initialized: true, error: '' })
  expect(await pidOf(supervisor, 'server')).toBe(server.pids()[0])
})

test('S73: an invalid server is usable after a reload that corrects it', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server: { args: [] } })

  expect(await supervisor.reload(configOf({ server }))).toMatchObject({ ok: true })

  expect(supervisor.status('server')).toMatchObject({ state: 'idle', initialized: true, error: '' })
  expect(await pidOf(supervisor, 'server')).toBe(server.pids()[0])
})

test('S74 (F11): an invalid server that a reload removed is unknown', async () => {
  const supervisor = supervise({ invalid: {} })

  await supervisor.reload({ mcpServers: {} })

  expect(await errorOf(supervisor.connect('invalid'))).toMatchObject({ code: 'SERVER_UNKNOWN' })
  expect(supervisor.status('invalid').error).toBe('')
})

test('S75 (F10): a configuration that was changed in place is seen as changed', async () => {
  const server = stdioServer()
  const config = { mcpServers: { server: structuredClone(server.entry) } }
  const supervisor = supervise(config.mcpServers)
  const pid = await pidOf(supervisor, 'server')

  Object.assign(config.mcpServers.server, changed(server))
  const report = await supervisor.reload(config)

  expect(report).toMatchObject({ ok: true, updated: ['server'] })
  expect(await pidOf(supervisor, 'server')).not.toBe(pid)
})

test('S76 (F9): a call in flight finishes on the old process, which is gone when the reload resolves', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  const pid = await pidOf(supervisor, 'server')
  const call = supervisor.callTool('server', 'sleep', { ms: 700 })

  const reloaded = supervisor.reload(configOf({ server: changed(server) }))
  const after = supervisor.callTool('server', 'pid')

  expect(textOf(await call)).toBe('slept 700')
  expect(await reloaded).toMatchObject({ ok: true, updated: ['server'] })
  expect(isRunning(pid)).toBe(false)
  expect([pid, server.pids()[1]]).toContain(Number(textOf(await after)))
})

test('S77: of rapid reloads the last one wins', async () => {
  const [first, second, third] = [stdioServer(), stdioServer(), stdioServer()]
  const supervisor = supervise({ first })
  await supervisor.connect('first')

  const reports = await Promise.all(
    [{ second }, { first, third }, { third }].map((servers) => supervisor.reload(configOf(servers))),
  )

  expect(reports.map(({ ok }) => ok)).toEqual([true, true, true])
  expect(supervisor.servers()).toEqual(['third'])
  expect(supervisor.config()).toEqual(configOf({ third }))
  expect(first.pids().filter(isRunning)).toEqual([])
})

test('S78 (F9): overlapping reloads take effect in the order of their calls, each with its own report', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const reports = await Promise.all([
    supervisor.reload(configOf({ server: changed(server) })),
    supervisor.reload({ mcpServers: 42 }),
    supervisor.reload({ mcpServers: {} }),
    supervisor.reload(configOf({ server })),
  ])

  expect(reports).toMatchObject([
    { ok: true, updated: ['server'] },
    { ok: false },
    { ok: true, removed: ['server'] },
    { ok: true, added: ['server'] },
  ])
  expect(await pidOf(supervisor, 'server')).toBe(server.pids().at(-1))
})
