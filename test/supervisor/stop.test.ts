import { describe, expect, it } from 'vitest'

import { configOf, isRunning, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

describe('a server that is stopped', () => {
  it('is ended, stays closed for calls and reloads, and runs again when it is started', async () => {
    const servers = { kept: stdioServer(), a: stdioServer() }
    const supervisor = supervise(servers)
    await Promise.all([supervisor.connect('a'), supervisor.connect('kept')])
    await supervisor.stop('a')
    expect(servers.a.pids().filter(isRunning)).toEqual([])
    expect(supervisor.status('a')).toMatchObject({
      state: 'closed',
      initialized: true,
      error: expect.stringContaining('stopped'),
    })
    expect(await errorOf(supervisor.callTool('a', 'echo'))).toMatchObject({
      code: 'SERVER_UNAVAILABLE',
      server: 'a',
      retryable: false,
      delivered: 'no',
    })
    expect(supervisor.explain('a')).toMatchObject({
      summary: 'Server "a" is closed: it was stopped.',
      remedy: 'Start it.',
    })

    expect(await supervisor.reload(configOf(servers))).toMatchObject({ ok: true, unchanged: ['kept', 'a'] })
    expect(supervisor.servers()).toEqual(['kept', 'a'])
    expect(servers.a.pids()).toHaveLength(1)

    await supervisor.start('a')
    expect(textOf(await supervisor.callTool('a', 'echo', { text: 'back' }))).toBe('back')
    expect(servers.a.pids()).toHaveLength(2)
    expect(servers.kept.pids()).toHaveLength(1)
  })

  it('lets its calls in flight finish, and takes no others', async () => {
    const server = stdioServer()
    const supervisor = supervise({ a: server })
    const call = supervisor.callTool('a', 'sleep', { ms: 200 })
    await until(() => server.executed('sleep') === 1)
    const [first, second] = [supervisor.stop('a'), supervisor.stop('a')]
    expect(supervisor.explain('a').timeline.at(-1)).toMatchObject({ to: 'closing', because: 'it was stopped' })
    expect(await errorOf(supervisor.callTool('a', 'echo'))).toMatchObject({ code: 'SERVER_UNAVAILABLE' })
    await Promise.all([first, second])
    expect(server.pids().filter(isRunning)).toEqual([])
    expect(textOf(await call)).toContain('slept')
  })

  it('is started by a restart too, also while it still ends', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 200 } })
    const supervisor = supervise({ a: server })
    await supervisor.connect('a')
    const stopped = supervisor.stop('a')
    await supervisor.restart('a')
    await stopped
    expect(supervisor.status('a').state).toBe('ready')
    expect(server.pids().filter(isRunning)).toHaveLength(1)
  })

  it('is stopped by who stops it last, also while it still ends', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 200 } })
    const supervisor = supervise({ a: server })
    await supervisor.connect('a')
    const first = supervisor.stop('a')
    const started = errorOf(supervisor.start('a'))
    await Promise.all([first, supervisor.stop('a')])
    expect(await started).toMatchObject({ code: 'SERVER_UNAVAILABLE', server: 'a' })
    expect(supervisor.status('a').state).toBe('closed')
    expect(server.pids().filter(isRunning)).toEqual([])
  })

  it('may be given up while its start waits for its end', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 200 } })
    const supervisor = supervise({ a: server })
    await supervisor.connect('a')
    const order: string[] = []
    supervisor.on('state.changed', ({ to }) => order.push(to))
    const stopped = supervisor.stop('a')
    const giveUp = new AbortController()
    const started = errorOf(supervisor.start('a', { signal: giveUp.signal })).then(({ code }) => order.push(code))
    giveUp.abort()
    await Promise.all([stopped, started])
    expect(order.slice(0, 2)).toEqual(['closing', 'CALL_ABORTED'])
    await until(() => supervisor.status('a').state === 'idle')
  })

  it('stays stopped when a reload was under way, and is forgotten when it is removed', async () => {
    const servers = { a: stdioServer(), b: stdioServer() }
    const supervisor = supervise(servers)
    await supervisor.connect('a')
    const reload = supervisor.reload(configOf(servers))
    await supervisor.stop('a')
    await reload
    expect(supervisor.status('a').state).toBe('closed')
    await supervisor.reload(configOf({ b: servers.b }))
    await supervisor.reload(configOf(servers))
    await until(() => supervisor.status('a').state === 'idle')
  })

  it('is in the report of a reload by what became of its entry, and follows when it is started', async () => {
    const [a, b] = [stdioServer(), stdioServer()]
    const supervisor = supervise({ a, b })
    await Promise.all([supervisor.stop('a'), supervisor.stop('b')])
    const changed = { ...a.entry, env: { ...a.entry.env, MORE: '1' } }
    expect(await supervisor.reload(configOf({ a: changed, b }))).toMatchObject({
      added: [],
      updated: ['a'],
      unchanged: ['b'],
      removed: [],
    })
    await supervisor.start('a')
    expect(textOf(await supervisor.callTool('a', 'env'))).toContain('MORE')
    expect(await supervisor.reload(configOf({ a: changed }))).toMatchObject({ unchanged: ['a'], removed: ['b'] })
    expect([...a.pids(), ...b.pids()]).toHaveLength(1)
  })

  it('ends its leases', async () => {
    const server = stdioServer()
    const supervisor = supervise({ a: server })
    const lease = supervisor.lease('a')
    await lease.connect()
    await supervisor.stop('a')
    expect(server.pids().filter(isRunning)).toEqual([])
    expect(await errorOf(lease.callTool('echo'))).toMatchObject({ code: 'SERVER_UNAVAILABLE' })
  })

  it('must be configured, and its supervisor must run', async () => {
    const supervisor = supervise({ a: stdioServer() })
    for (const act of [supervisor.stop, supervisor.start, supervisor.restart])
      expect(await errorOf(act('b'))).toMatchObject({ code: 'SERVER_UNKNOWN', server: 'b' })
    await supervisor.close()
    for (const act of [supervisor.stop, supervisor.start])
      expect(await errorOf(act('a'))).toMatchObject({ code: 'SHUTDOWN' })
  })
})
