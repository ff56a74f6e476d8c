import { describe, expect, test } from 'vitest'
import { type Policy } from '../../src/index.js'
import { httpServer, isRunning, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { watch } from '../support/fault-watch.js'
import { errorOf } from '../support/rejection.js'

const stubborn = { end: 'ignore', term: 'ignore' }

/** A supervisor whose one server is ready, and every process that it started. */
async function readyServer(faults: Record<string, unknown>, children = 0, policy: Partial<Policy> = {}) {
  const server = stdioServer(faults, { shutdownTimeoutMs: 500, ...policy })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  await until(() => server.journal.children().length === children)
  return { server, supervisor, processes: () => [...server.pids(), ...server.journal.children()] }
}

test.each([
  ['S55', 'ignores the end of its stdin', { end: 'ignore' }, 'SIGTERM'],
  ['S56', 'ignores SIGTERM too', stubborn, 'SIGKILL'],
])('%s: close ends a server that %s, and resolves when it is gone', async (_, _title, faults, endedBy) => {
  const { supervisor, processes } = await readyServer(faults)
  expect(await supervisor.close()).toEqual({ total: 1, closed: 1, errors: {}, endedBy: { server: endedBy } })
  expect(processes().some(isRunning)).toBe(false)
})

test('S55 S56: close ends all servers at the same time and says which step each of them took', async () => {
  const policy = { shutdownTimeoutMs: 1_000 }
  const servers = {
    lawful: stdioServer({}, policy),
    deaf: stdioServer({ end: 'ignore' }, policy),
    ...Object.fromEntries(['a', 'b', 'c'].map((name) => [name, stdioServer(stubborn, policy)])),
  }
  const supervisor = supervise(servers)
  await Promise.all(supervisor.servers().map((name) => supervisor.connect(name)))

  const { endedBy, closed } = await supervisor.close()

  expect(closed).toBe(5)
  expect(endedBy).toEqual({ lawful: 'stdin', deaf: 'SIGTERM', a: 'SIGKILL', b: 'SIGKILL', c: 'SIGKILL' })
  const times = (wanted: string) =>
    Object.values(servers).flatMap(({ journal }) =>
      journal.lines().flatMap(({ event, at }) => (event === wanted ? at : [])),
    )
  // One after the other, the second would be told its end when the first is killed.
  expect(times('stdin-end')).toHaveLength(5)
  expect(Math.max(...times('stdin-end'))).toBeLessThan(Math.min(...times('SIGTERM')) + 900)
})

test('signals are the host’s: a supervisor with running servers listens to none', async () => {
  const listening = () => process.eventNames().map((name) => [name, process.listenerCount(name)])
  const before = listening()
  const supervisor = supervise({ server: stdioServer(), web: await httpServer() })
  await Promise.all([supervisor.connect('server'), supervisor.connect('web')])
  expect(listening()).toEqual(before)
  await supervisor.close()
  expect(listening()).toEqual(before)
})

test('S57: close waits for a server that takes its time to exit, whatever it says and whatever its code', async () => {
  const { supervisor, processes } = await readyServer({ end: { mode: 'slow', ms: 700, code: 9, noise: true } }, 0, {
    shutdownTimeoutMs: 5_000,
  })
  const { states } = watch(supervisor)
  expect(await supervisor.close()).toEqual({ total: 1, closed: 1, errors: {}, endedBy: { server: 'stdin' } })
  expect(processes().some(isRunning)).toBe(false)
  expect(states('server')).toEqual(['closing', 'closed'])
})

describe.skipIf(process.platform === 'win32')('descendants', () => {
  const onLinux = process.platform === 'linux' ? ['own-session', 'double-fork'] : []
  test.each([
    ...['group', 'stubborn', 'holds-pipes'].map((kind) => ['S58', kind]),
    ...onLinux.map((kind) => ['S60', kind]),
    ['S61', 'zombie'],
  ])('%s: none of the kind %s is left when close resolves', async (_, kind) => {
    const { supervisor, processes } = await readyServer({ children: kind }, 1)
    expect(await supervisor.close()).toMatchObject({ closed: 1, errors: {} })
    expect(processes()).toHaveLength(2)
    expect(processes().some(isRunning)).toBe(false)
  })

  test.each([
    ['S58', 'group', false],
    ['S60', 'own-session', true],
  ])(
    '%s: none of the kind %s is left when a removal, a replacement or a restart resolves',
    async (_, kind, isLinuxOnly) => {
      if (isLinuxOnly && process.platform !== 'linux') return
      const { server, supervisor, processes } = await readyServer({ children: kind, ...stubborn }, 1, {
        shutdownTimeoutMs: 300,
      })
      const isAnyRunning = () => processes().some(isRunning)

      const first = processes()
      await supervisor.restart('server')
      expect(first.some(isRunning)).toBe(false)

      await until(() => server.journal.children().length === 2)
      const second = processes()
      const replaced = { ...server.entry, args: [...(server.entry.args ?? []), 'changed'] }
      await supervisor.reload({ mcpServers: { server: replaced } })
      expect(second.some(isRunning)).toBe(false)

      await supervisor.connect('server')
      await until(() => server.journal.children().length === 3)
      await supervisor.reload({ mcpServers: {} })
      expect(isAnyRunning()).toBe(false)
    },
  )

  test('S62: a wrapper is ended together with the server behind it', async () => {
    const server = stdioServer({})
    const [script = '', faults = ''] = server.entry.args ?? []
    const wrapper = {
      ...server.entry,
      command: 'sh',
      args: ['-c', '"$0" "$@"; true', process.execPath, script, faults],
    }
    const supervisor = supervise({ wrapper })
    const pid = Number(textOf(await supervisor.callTool('wrapper', 'pid')))
    expect(supervisor.status('wrapper').pid).not.toBe(pid)

    await supervisor.close()

    expect(isRunning(pid)).toBe(false)
  })
})

test('C23: close ends connecting, retrying, calling and closing servers at the same time and settles every call', async () => {
  const connecting = stdioServer({ initialize: 'hang' })
  const retrying = stdioServer({ start: 'exit' }, { minTimeoutMs: 60_000, maxTimeoutMs: 60_000 })
  const calling = stdioServer(
    { 'tools/call:echo': 'hang', ...stubborn },
    { drainTimeoutMs: 100, shutdownTimeoutMs: 500 },
  )
  const closing = stdioServer({ 'tools/call:echo': 'hang' }, { drainTimeoutMs: 60_000 })
  const supervisor = supervise({ connecting, retrying, calling, closing })
  const queued = [errorOf(supervisor.callTool('connecting', 'echo')), errorOf(supervisor.callTool('retrying', 'echo'))]
  await Promise.all([supervisor.connect('calling'), supervisor.connect('closing')])
  const inFlight = errorOf(supervisor.callTool('calling', 'echo'))
  const draining = errorOf(supervisor.callTool('closing', 'echo', {}, { timeoutMs: 500 }))
  const restarted = errorOf(supervisor.restart('closing'))
  await until(() => supervisor.status('retrying').state === 'retrying' && connecting.received('initialize') === 1)
  expect(supervisor.statuses().map(({ state }) => state)).toEqual(['connecting', 'retrying', 'ready', 'closing'])

  const report = await supervisor.close()

  expect(report).toMatchObject({ total: 4, closed: 4, errors: {} })
  expect(await Promise.all([...queued, restarted])).toMatchObject([
    { code: 'SHUTDOWN', delivered: 'no' },
    { code: 'SHUTDOWN', delivered: 'no' },
    { code: 'SHUTDOWN', delivered: 'no' },
  ])
  expect(await inFlight).toMatchObject({ code: 'SHUTDOWN', delivered: 'maybe' })
  expect(['SHUTDOWN', 'CALL_TIMEOUT']).toContain((await draining).code)
  const pids = [connecting, retrying, calling, closing].flatMap((server) => server.pids())
  expect(pids.some(isRunning)).toBe(false)
})

test('C24: a second close is the first one, and everything after it is refused undelivered', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const [first, second] = [supervisor.close(), supervisor.close()]
  expect(second).toBe(first)
  expect(await supervisor.close()).toBe(await first)

  for (const promise of [
    supervisor.callTool('server', 'pid'),
    supervisor.connect('server'),
    supervisor.listTools('server'),
    supervisor.restart('server'),
  ]) {
    expect(await errorOf(promise)).toMatchObject({ code: 'SHUTDOWN', delivered: 'no' })
  }
  expect(await supervisor.reload({ mcpServers: {} })).toMatchObject({ ok: false, error: { code: 'SHUTDOWN' } })
  expect(server.pids()).toHaveLength(1)
})
