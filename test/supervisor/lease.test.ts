import { describe, expect, it } from 'vitest'

import { type Handlers, type Lease, type SupervisorEvent, createSupervisor } from '../../src/index.js'
import { stdioSurface } from '../protocol/surfaces.js'
import { configOf, httpServer, isRunning, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

const counterOf = async (server: Pick<Lease, 'callTool'>) => Number(textOf(await server.callTool('counter')))
const pidOf = async (server: Pick<Lease, 'callTool'>) => Number(textOf(await server.callTool('pid')))

describe('a lease', () => {
  it('is a process of its own, whose state nobody else touches', async () => {
    const server = stdioServer()
    const supervisor = supervise({ server })
    const shared: Pick<Lease, 'callTool'> = { callTool: (tool) => supervisor.callTool('server', tool) }
    const [first, second] = [supervisor.lease('server'), supervisor.lease('server')]

    const counts = [await counterOf(shared), await counterOf(first), await counterOf(first), await counterOf(second)]
    const pids = await Promise.all([shared, first, second].map(pidOf))

    expect(counts).toEqual([1, 1, 2, 1])
    expect(new Set(pids).size).toBe(3)
    expect(new Set(server.pids())).toEqual(new Set(pids))
  })

  it('is a session of its own over HTTP, and ends it', async () => {
    const server = await httpServer()
    const supervisor = supervise({ server })
    await supervisor.connect('server')
    const lease = supervisor.lease('server')
    await lease.connect()
    expect(server.fixture.sessions).toHaveLength(2)

    await lease.close()

    expect(server.fixture.sessions).toHaveLength(1)
    expect(supervisor.status('server').connected).toBe(true)
  })

  it('starts on its first use, or at once when it is asked to', async () => {
    const [lazy, eager] = [stdioServer({}, { start: 'eager' }), stdioServer()]
    const supervisor = supervise({ lazy, eager })
    const resting = supervisor.lease('lazy')
    const starting = supervisor.lease('eager', { start: 'eager' })

    await until(() => starting.status().connected && supervisor.status('lazy').connected)

    expect(resting.status()).toMatchObject({ name: 'lazy', lease: resting.id, state: 'idle', generation: 0 })
    expect([lazy.pids().length, eager.pids().length]).toEqual([1, 1])
  })

  it('leaves nothing behind when its close resolves, however often it is closed', async () => {
    const server = stdioServer({ children: ['group', 'stubborn'] }, { shutdownTimeoutMs: 200 })
    const supervisor = supervise({ server })
    await supervisor.connect('server')
    const lease = supervisor.lease('server')
    const pid = await pidOf(lease)

    await Promise.all([lease.close(), lease.close()])

    expect(isRunning(pid)).toBe(false)
    expect(server.journal.children().filter(isRunning)).toHaveLength(2)
    expect(lease.status()).toMatchObject({ state: 'closed', connected: false })
    expect(await errorOf(lease.callTool('pid'))).toMatchObject({ code: 'SHUTDOWN', delivered: 'no', server: 'server' })
    expect(supervisor.status('server').connected).toBe(true)
    await lease.close()
  })

  it('answers the calls in flight before it closes, and none that wait', async () => {
    const supervisor = supervise({ server: stdioServer({}, { maxConcurrency: 1 }) })
    const lease = supervisor.lease('server')
    await lease.connect()
    const inFlight = lease.callTool('sleep', { ms: 200 })
    const waiting = errorOf(lease.callTool('pid'))
    await until(() => lease.status().inFlight === 1)

    const closing = lease.close()
    expect(textOf(await inFlight)).toBe('slept 200')
    expect(await waiting).toMatchObject({ code: 'SHUTDOWN', delivered: 'no' })
    await closing
  })

  it('can be closed before it was used, and by the end of its block', async () => {
    const server = stdioServer()
    const supervisor = supervise({ server })
    await supervisor.lease('server').close()
    expect(server.pids()).toEqual([])
    {
      await using lease = supervisor.lease('server')
      await lease.ping()
    }
    expect(server.pids().filter(isRunning)).toEqual([])
    expect(server.pids()).toHaveLength(1)
  })

  it('heals by itself, with counters of its own', async () => {
    const supervisor = supervise({ server: stdioServer({}, { maxRestarts: 1, restartPeriodMs: 60_000 }) })
    await supervisor.connect('server')
    const lease = supervisor.lease('server')
    await lease.connect()

    for (const restarts of [1, 2]) {
      await errorOf(lease.callTool('crash'))
      await until(() => lease.status().restarts === restarts && lease.status().state !== 'retrying')
    }

    await until(() => lease.status().state === 'failed')
    expect(await errorOf(lease.callTool('pid'))).toMatchObject({ code: 'SERVER_UNAVAILABLE' })
    expect(supervisor.status('server')).toMatchObject({ connected: true, restarts: 0, generation: 1 })
    expect(await pidOf(supervisor.lease('server'))).toBeGreaterThan(0)
  })

  it('counts its calls for itself', async () => {
    const supervisor = supervise({ server: stdioServer() })
    const lease = supervisor.lease('server')
    await Promise.all([lease.connect(), supervisor.connect('server')])
    const call = lease.callTool('sleep', { ms: 200 })
    await until(() => lease.status().inFlight === 1)
    expect(supervisor.status('server')).toMatchObject({ inFlight: 0, queued: 0 })
    await call
    expect(lease.status().inFlight).toBe(0)
  })

  it('tells of itself in the name of its server, and leaves the catalogue of that alone', async () => {
    const server = stdioServer({ stderr: { mode: 'text', text: 'hello' } })
    const supervisor = supervise({ server })
    const events: SupervisorEvent[] = []
    supervisor.on('*', (event) => events.push(event))
    await supervisor.listTools('server')
    events.length = 0
    const lease = supervisor.lease('server')
    await lease.callTool('pid')
    await lease.listTools({ refresh: true })
    await lease.close()

    expect(new Set(events.map((event) => 'server' in event && event.server))).toEqual(new Set(['server']))
    expect(new Set(events.map((event) => 'lease' in event && event.lease))).toEqual(new Set([lease.id]))
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['state.changed', 'stderr.written', 'tools.listed', 'call.settled']),
    )
    expect(events.flatMap((event) => (event.type === 'state.changed' ? event.to : []))).toEqual([
      'uninitialized',
      'connecting',
      'ready',
      'closing',
      'closed',
    ])
  })

  it('answers what its server asks with handlers of its own, which those of a call go over', async () => {
    const paint = (colour: string): Handlers => ({ elicitation: () => ({ action: 'accept', content: { colour } }) })
    const supervisor = supervise({ server: stdioSurface('both').entry }, { handlers: paint('red') })
    const lease = supervisor.lease('server', { handlers: paint('blue') })
    const ask = (of: Pick<Lease, 'callTool'>, handlers?: Handlers) =>
      of.callTool('colour', { name: 'Anna' }, handlers ? { handlers } : {})
    expect(textOf(await ask(lease))).toBe('Anna: blue')
    expect(textOf(await ask(lease, paint('green')))).toBe('Anna: green')
    expect(textOf(await ask(supervisor.lease('server')))).toBe('Anna: red')
  })

  it.each(['lease:1', 'server:server', '1', 'a b'])('is not confused by a server called %s', async (name) => {
    const [odd, server] = [stdioServer(), stdioServer()]
    const supervisor = supervise(Object.fromEntries([[name, odd] as const, ['server', server] as const]))
    const lease = supervisor.lease('server')
    const oddLease = supervisor.lease(name)
    expect([lease.id, oddLease.id]).toEqual([1, 2])
    expect(await pidOf(lease)).toBe(server.pids()[0])
    expect(await pidOf(oddLease)).toBe(odd.pids()[0])
    await lease.close()
    expect(oddLease.status()).toMatchObject({ name, connected: true })
  })

  it('is refused for a server that is not there, and with wrong options', async () => {
    const supervisor = createSupervisor(configOf({ server: stdioServer(), off: { command: 'x', disabled: true } }))
    const refusal = (name: string, options?: object) => {
      try {
        return supervisor.lease(name, options)
      } catch (error) {
        return error
      }
    }
    expect(refusal('nobody')).toMatchObject({ code: 'SERVER_UNKNOWN' })
    expect(refusal('off')).toMatchObject({ code: 'SERVER_UNAVAILABLE' })
    expect(refusal('server', { start: 'soon' })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: '"options.start" must be "lazy" or "eager", got "soon"',
    })
    expect(refusal('server', { handlers: [] })).toMatchObject({
      message: '"options.handlers" must be an object, got array',
    })
    await supervisor.close()
    expect(refusal('server')).toMatchObject({ code: 'SHUTDOWN' })
  })

  it('fails as its server does when its entry cannot be used', async () => {
    const supervisor = supervise({ unresolved: { command: '${MISSING}' }, invalid: {} }, { env: {} })
    expect(await errorOf(supervisor.lease('unresolved').connect())).toMatchObject({ message: /MISSING/ })
    expect(await errorOf(supervisor.lease('invalid').connect())).toMatchObject({ code: 'SERVER_UNAVAILABLE' })
  })
})

describe('a supervisor that closes', () => {
  it('ends its leases and counts them', async () => {
    const server = stdioServer()
    const supervisor = supervise({ server })
    await supervisor.connect('server')
    const [used, unused, closed] = [1, 2, 3].map(() => supervisor.lease('server')) as [Lease, Lease, Lease]
    await Promise.all([used.connect(), closed.connect()])
    await closed.close()

    expect(await supervisor.close()).toEqual({
      total: 3,
      closed: 3,
      errors: {},
      endedBy: { server: 'stdin' },
      leases: [
        { server: 'server', lease: used.id, endedBy: 'stdin' },
        { server: 'server', lease: unused.id },
      ],
    })
    expect(server.pids().filter(isRunning)).toEqual([])
    expect(await errorOf(used.ping())).toMatchObject({ code: 'SHUTDOWN' })
    await used.close()
  })

  it('waits for a lease that is closing already', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 400 } })
    const supervisor = supervise({ server })
    const lease = supervisor.lease('server')
    await lease.connect()
    const closing = lease.close()
    expect(await supervisor.close()).toMatchObject({ total: 2, closed: 2, leases: [{ lease: 1, endedBy: 'stdin' }] })
    expect(server.pids().filter(isRunning)).toEqual([])
    await closing
  })
})

describe('a reload', () => {
  it('changes a lease as it changes its server, and leaves that of an equal one alone', async () => {
    const [same, other] = [stdioServer(), stdioServer()]
    const supervisor = supervise({ same, other })
    const [untouched, changed] = [supervisor.lease('same'), supervisor.lease('other')]
    const before = await Promise.all([pidOf(untouched), pidOf(changed)])
    const inFlight = changed.callTool('sleep', { ms: 200 })

    const report = await supervisor.reload(
      configOf({ same, other: { ...other.entry, env: { ...other.entry.env, MORE: '1' } } }),
    )

    expect(report).toMatchObject({ ok: true, updated: ['other'], unchanged: ['same'] })
    expect(textOf(await inFlight)).toBe('slept 200')
    expect(isRunning(before[1])).toBe(false)
    expect(textOf(await changed.callTool('env'))).toContain('MORE')
    expect(await pidOf(untouched)).toBe(before[0])
    expect(untouched.status().generation).toBe(1)
  })

  it('closes the leases of a server that it removes, and they do not come back with it', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 200 } }, { drainTimeoutMs: 100 })
    const supervisor = supervise({ server })
    const [lease, closing] = [supervisor.lease('server'), supervisor.lease('server')]
    await Promise.all([lease.connect(), closing.connect()])
    void closing.close()
    const call = errorOf(lease.callTool('sleep', { ms: 60_000 }, { timeoutMs: 0 }))
    await until(() => lease.status().inFlight === 1)

    const emptied = supervisor.reload({ mcpServers: {} })
    await supervisor.reload(configOf({ server }))
    await emptied

    expect(server.pids().filter(isRunning)).toEqual([])
    expect(await call).toMatchObject({ code: 'SERVER_REMOVED', delivered: 'maybe' })
    expect(await errorOf(lease.ping())).toMatchObject({ code: 'SERVER_REMOVED', delivered: 'no' })
    expect(lease.status().state).toBe('closed')
    await lease.close()
    expect(await pidOf(supervisor.lease('server'))).toBeGreaterThan(0)
  })
})
