import { describe, expect, it } from 'vitest'

import type { Handlers, Policy, Supervisor } from '../../src/index.js'
import { stdioSurface } from '../protocol/surfaces.js'
import {
  type StdioServer,
  configOf,
  httpServer,
  isRunning,
  stdioServer,
  supervise,
  textOf,
  until,
} from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

const ask = async (supervisor: Supervisor, tool: string, args: Record<string, unknown> = {}) =>
  textOf(await supervisor.callTool('server', tool, args))
const running = (server: StdioServer) => server.pids().filter(isRunning).length
const perCall = (policy: Partial<Policy> = {}) => stdioServer({}, { session: 'per-call', ...policy })

describe('a server with a session for each call', () => {
  it('answers each call from a process of its own, which ends after it', async () => {
    const server = perCall()
    const supervisor = supervise({ server })

    const counts = [await ask(supervisor, 'counter'), await ask(supervisor, 'counter')]
    const pids = await Promise.all([1, 2, 3].map(() => ask(supervisor, 'pid')))

    expect(counts).toEqual(['1', '1'])
    expect(new Set(pids).size).toBe(3)
    expect(server.pids()).toHaveLength(5)
    await until(() => running(server) === 0)
    expect(supervisor.status('server')).toMatchObject({ state: 'idle', generation: 0, inFlight: 0, queued: 0 })
  })

  it('answers each call from a session of its own over HTTP, and ends it', async () => {
    const server = await httpServer({}, { session: 'per-call' })
    const supervisor = supervise({ server })
    await ask(supervisor, 'echo', { text: '1' })
    await ask(supervisor, 'echo', { text: '2' })
    await until(() => server.fixture.sessions.length === 0)
    const sessions = server.fixture
      .requests('POST')
      .flatMap(({ headers, message }) => (message?.method === 'tools/call' ? headers?.['mcp-session-id'] : []))
    expect(new Set(sessions).size).toBe(2)
  })

  it('shares one session for everything that is not a call', async () => {
    const server = perCall()
    const supervisor = supervise({ server })
    await supervisor.listTools('server')
    const { pid } = supervisor.status('server')
    expect(await ask(supervisor, 'pid')).not.toBe(String(pid))
    await supervisor.ping('server')
    expect(supervisor.status('server')).toMatchObject({ state: 'ready', pid, generation: 1 })
    expect(server.pids()).toHaveLength(2)
  })

  it('gives the answer before the session has ended, and close waits for that', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 500 } }, { session: 'per-call' })
    const supervisor = supervise({ server })
    const pid = Number(await ask(supervisor, 'pid'))
    expect(isRunning(pid)).toBe(true)

    const report = await supervisor.close()

    expect(isRunning(pid)).toBe(false)
    expect(report).toMatchObject({ total: 2, closed: 2, errors: {}, leases: [{ server: 'server', endedBy: 'stdin' }] })
  })

  it('lets a reload that changes it wait for the sessions that end', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 500 } }, { session: 'per-call' })
    const supervisor = supervise({ server })
    const pid = Number(await ask(supervisor, 'pid'))
    const entry = { ...server.entry, env: { ...server.entry.env, MORE: '1' } }
    expect(await supervisor.reload(configOf({ server: { ...entry } }))).toMatchObject({ updated: ['server'] })
    expect(isRunning(pid)).toBe(false)
    expect(await ask(supervisor, 'env')).toContain('MORE')
    expect(await supervisor.reload({ mcpServers: {} })).toMatchObject({ removed: ['server'] })
    expect(running(server)).toBe(0)
  })

  it('has as many sessions as calls may be in flight, those that end included', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 150 } }, { session: 'per-call', maxConcurrency: 2 })
    const supervisor = supervise({ server })
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, running(server))), 5)
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => ask(supervisor, 'echo', { text })))
    clearInterval(watch)
    expect(answers).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(most).toBeLessThanOrEqual(2)
    expect(server.pids()).toHaveLength(5)
  })

  it('lets as many calls wait as may, and counts them', async () => {
    const server = perCall({ maxConcurrency: 1, maxQueue: 1 })
    const supervisor = supervise({ server })
    const first = ask(supervisor, 'sleep', { ms: 300 })
    const second = ask(supervisor, 'echo', { text: 'second' })
    expect(await errorOf(ask(supervisor, 'pid'))).toMatchObject({ code: 'QUEUE_FULL', delivered: 'no' })
    await until(() => supervisor.status('server').inFlight === 1)
    expect(supervisor.status('server')).toMatchObject({ inFlight: 1, queued: 1 })
    expect(await Promise.all([first, second])).toEqual(['slept 300', 'second'])
    expect(supervisor.status('server')).toMatchObject({ inFlight: 0, queued: 0 })
  })

  it('takes a call when none may wait', async () => {
    expect(await ask(supervise({ server: perCall({ maxQueue: 0 }) }), 'echo', { text: 'at once' })).toBe('at once')
  })

  it('counts the wait for a place against the deadline, and starts nothing for a call that was given up', async () => {
    const server = perCall({ maxConcurrency: 1 })
    const supervisor = supervise({ server })
    const giveUp = new AbortController()
    const first = ask(supervisor, 'sleep', { ms: 600 })
    const late = errorOf(supervisor.callTool('server', 'pid', {}, { timeoutMs: 100 }))
    const aborted = errorOf(supervisor.callTool('server', 'pid', {}, { signal: giveUp.signal }))
    expect(await late).toMatchObject({ code: 'CALL_TIMEOUT', phase: 'queue', delivered: 'no' })
    giveUp.abort()
    expect(await aborted).toMatchObject({ code: 'CALL_ABORTED', phase: 'queue', delivered: 'no' })
    await first
    await ask(supervisor, 'pid')
    expect(server.pids()).toHaveLength(2)
  })

  it('cancels a call that is given up on its own session, which ends', async () => {
    const server = perCall()
    const supervisor = supervise({ server })
    const giveUp = new AbortController()
    const call = errorOf(supervisor.callTool('server', 'sleep', { ms: 60_000 }, { signal: giveUp.signal }))
    await until(() => supervisor.status('server').inFlight === 1)
    giveUp.abort()
    expect(await call).toMatchObject({ code: 'CALL_ABORTED', delivered: 'maybe' })
    await until(() => running(server) === 0)
    expect(server.received('notifications/cancelled')).toBe(1)
  })

  it('says maybe of a call whose process died, and executes it once', async () => {
    const server = perCall()
    const supervisor = supervise({ server })
    expect(await errorOf(ask(supervisor, 'crash'))).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(server.executed('crash')).toBe(1)
    await until(() => running(server) === 0)
    expect(server.pids()).toHaveLength(1)
  })

  it('rejects with the reason when no session can be started, and does better when one can', async () => {
    const server = stdioServer({ start: { mode: 'exit', first: 2 } }, { session: 'per-call', retries: 1 })
    const supervisor = supervise({ server })
    expect(await errorOf(ask(supervisor, 'pid'))).toMatchObject({
      code: 'CONNECTION_LOST',
      delivered: 'no',
      exitCode: 1,
    })
    expect(Number(await ask(supervisor, 'pid'))).toBe(server.pids()[2])
  })

  it('fails the calls that wait when it is removed, or its supervisor closes', async () => {
    const server = perCall({ maxConcurrency: 1, drainTimeoutMs: 50 })
    const waitingOf = async (end: (supervisor: Supervisor) => Promise<unknown>) => {
      const supervisor = supervise({ server })
      const calls = [1, 2].map(() => errorOf(ask(supervisor, 'sleep', { ms: 60_000 })))
      await until(() => supervisor.status('server').inFlight === 1)
      await end(supervisor)
      return Promise.all(calls)
    }
    expect(await waitingOf((supervisor) => supervisor.reload({ mcpServers: {} }))).toMatchObject([
      { code: 'SERVER_REMOVED', delivered: 'maybe' },
      { code: 'SERVER_REMOVED', delivered: 'no' },
    ])
    expect(await waitingOf((supervisor) => supervisor.close())).toMatchObject([
      { code: 'SHUTDOWN', delivered: 'maybe' },
      { code: 'SHUTDOWN', delivered: 'no' },
    ])
    expect(running(server)).toBe(0)
  })

  it('gives the calls that wait to the shared session when that is the policy now', async () => {
    const server = perCall({ maxConcurrency: 1 })
    const supervisor = supervise({ server })
    const first = ask(supervisor, 'sleep', { ms: 200 })
    const waiting = [ask(supervisor, 'pid'), ask(supervisor, 'pid')]
    await supervisor.reload(configOf({ server: { ...server.entry, supervisor: { session: 'shared' } } }))
    const [one, other] = await Promise.all(waiting)
    expect(await first).toBe('slept 200')
    expect(one).toBe(other)
    expect(one).toBe(String(supervisor.status('server').pid))
  })

  it('refuses at once what is called while it is being stopped', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 200 } }, { session: 'per-call', callTimeoutMs: 5_000 })
    const supervisor = supervise({ server })
    await supervisor.connect('server')
    const stopped = supervisor.stop('server')
    expect(await errorOf(ask(supervisor, 'pid'))).toMatchObject({ code: 'SERVER_UNAVAILABLE', delivered: 'no' })
    await stopped
    expect(server.pids()).toHaveLength(1)
  })

  it('refuses what waits when it is stopped, and lets what has begun finish', async () => {
    const server = perCall({ maxConcurrency: 1 })
    const supervisor = supervise({ server })
    const ended: string[] = []
    const first = ask(supervisor, 'sleep', { ms: 200 }).then((text) => ended.push(text))
    const waiting = errorOf(ask(supervisor, 'pid')).then(({ code }) => ended.push(code))
    await until(() => server.executed('sleep') === 1)
    await Promise.all([first, waiting, supervisor.stop('server')])
    expect(ended).toEqual(['SERVER_UNAVAILABLE', 'slept 200'])
    expect(running(server)).toBe(0)
  })

  it('is asked back on behalf of the one call of its session, also where a shared one could not tell', async () => {
    const entry = { ...stdioSurface('both').entry, supervisor: { session: 'per-call' } }
    const supervisor = supervise({ server: entry })
    const asked: string[] = []
    const call = (name: string) => {
      const handlers: Handlers = {
        elicitation: async ({ message }, { call: of }) => {
          asked.push(`${name} <- ${message} (${of?.tool})`)
          await until(() => asked.length === 2)
          return { action: 'accept', content: { colour: `of ${name}` } }
        },
      }
      return supervisor.callTool('server', 'colour', { name }, { handlers })
    }
    const results = await Promise.all(['Anna', 'Bert'].map(call))
    expect(results.map(textOf)).toEqual(['Anna: of Anna', 'Bert: of Bert'])
    expect(asked.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'Anna <- Anna, which colour? (colour)',
      'Bert <- Bert, which colour? (colour)',
    ])
  })
})

describe('a server with a pool of sessions', () => {
  const pooled = (pool: number, faults = {}, policy: Partial<Policy> = {}) =>
    stdioServer(faults, { session: { pool }, ...policy })

  it('keeps so many ready, uses each for one call and replaces it', async () => {
    const server = pooled(2, {}, { start: 'eager' })
    const supervisor = supervise({ server })
    await until(() => server.received('tools/list') === 3)
    const ready = server.pids()

    const pid = Number(await ask(supervisor, 'pid'))
    expect(ready).toContain(pid)
    expect(await ask(supervisor, 'counter')).toBe('1')
    expect(await ask(supervisor, 'counter')).toBe('1')

    await until(() => server.pids().length === 6 && !isRunning(pid) && running(server) === 3)
  })

  it('starts with the first call and stops with its supervisor', async () => {
    const server = pooled(2)
    const supervisor = supervise({ server })
    await supervisor.listTools('server')
    expect(running(server)).toBe(1)
    await ask(supervisor, 'pid')
    await until(() => running(server) === 3)
    expect(await supervisor.close()).toMatchObject({ errors: {} })
    expect(running(server)).toBe(0)
  })

  it('answers more calls at once than stand by', async () => {
    const server = pooled(1)
    const supervisor = supervise({ server })
    const pids = await Promise.all([1, 2, 3, 4].map(() => ask(supervisor, 'pid')))
    expect(new Set(pids).size).toBe(4)
  })

  it('heals what stands by', async () => {
    const server = pooled(1, {}, { start: 'eager' })
    const supervisor = supervise({ server })
    await until(() => server.received('tools/list') === 2)
    const shared = supervisor.status('server').pid
    const standby = server.pids().find((pid) => pid !== shared) ?? 0
    process.kill(standby, 'SIGKILL')
    await until(() => server.received('tools/list') === 3)
    expect(Number(await ask(supervisor, 'pid'))).toBe(server.pids()[2])
  })

  it('is warm again once the server can be started', async () => {
    const server = pooled(1, { start: { mode: 'exit', first: 2 } }, { retries: 0 })
    const supervisor = supervise({ server })
    let failed = 0
    supervisor.on('state.changed', ({ to }) => void (failed += to === 'failed' ? 1 : 0))
    await errorOf(ask(supervisor, 'pid'))
    await until(() => failed === 2)
    await ask(supervisor, 'pid')
    await until(() => server.received('tools/list') === 2)
    const warm = server.pids()[3]
    expect(Number(await ask(supervisor, 'pid'))).toBe(warm)
  })

  it('stands by again when it is started after it was stopped', async () => {
    const server = pooled(2, {}, { start: 'eager' })
    const supervisor = supervise({ server })
    await until(() => server.received('tools/list') === 3)
    await supervisor.stop('server')
    expect(running(server)).toBe(0)
    await supervisor.start('server')
    await until(() => running(server) === 3)
    expect(server.pids().slice(3)).toContain(Number(await ask(supervisor, 'pid')))
  })

  it('follows a reload: of another size, of another entry, and of none', async () => {
    const server = pooled(2, {}, { start: 'eager' })
    const supervisor = supervise({ server })
    await until(() => running(server) === 3)
    const sized = (session: unknown) =>
      configOf({ server: { ...server.entry, supervisor: { session, start: 'eager' } } })
    await supervisor.reload(sized({ pool: 1 }))
    await until(() => running(server) === 2)
    await supervisor.reload(sized({ pool: 3 }))
    await until(() => running(server) === 4)
    await supervisor.reload(sized('shared'))
    await until(() => running(server) === 1)
    await supervisor.reload({ mcpServers: {} })
    expect(running(server)).toBe(0)
  })
})

describe('a server with a session for each client', () => {
  it('is shared by those who call it by its name, and private to a lease', async () => {
    const server = stdioServer({}, { session: 'per-client' })
    const supervisor = supervise({ server })
    expect([await ask(supervisor, 'counter'), await ask(supervisor, 'counter')]).toEqual(['1', '2'])
    expect(textOf(await supervisor.lease('server').callTool('counter'))).toBe('1')
  })
})
