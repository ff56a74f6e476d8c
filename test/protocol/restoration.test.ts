import { describe, expect, it } from 'vitest'

import type { EventOf, Supervisor } from '../../src/index.js'
import { configOf, httpServer, supervise, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { httpSurface, stdioSurface } from './surfaces.js'

const motto = 'surface://motto'

function heard(supervisor: Supervisor) {
  const restored: EventOf<'session.restored'>[] = []
  const told: EventOf<'notification.received'>[] = []
  supervisor.on('session.restored', (event) => restored.push(event))
  supervisor.on('notification.received', (event) => told.push(event))
  return {
    restored,
    updates: () => told.filter(({ method }) => method === 'notifications/resources/updated'),
    logs: () => told.flatMap(({ method, params }) => (method === 'notifications/message' ? [params['data']] : [])),
  }
}

function kill(supervisor: Supervisor): void {
  const { pid } = supervisor.status('server')
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
}

describe.each(['both', 'modern'] as const)('a server over stdio (%s) that is started again', (era) => {
  it('after a crash tells the updates and the log messages that it was asked for before', async () => {
    const supervisor = supervise({ server: stdioSurface(era).entry })
    const { restored, updates, logs } = heard(supervisor)
    await supervisor.subscribe('server', motto)
    await supervisor.setLogLevel('server', 'warning')
    kill(supervisor)
    await until(() => restored.length === 1)
    expect(restored).toEqual([
      { type: 'session.restored', server: 'server', resources: [motto], logLevel: 'warning', failed: [] },
    ])
    await supervisor.callTool('server', 'touch', { uri: motto })
    await supervisor.callTool('server', 'log')
    await until(() => updates().length === 1 && logs().length > 0)
    expect(logs()).toEqual(['loud'])
    expect(supervisor.status('server').generation).toBe(2)
  })

  it('for another configuration is asked for the same', async () => {
    const { entry } = stdioSurface(era)
    const supervisor = supervise({ server: entry })
    const { restored, updates } = heard(supervisor)
    await supervisor.subscribe('server', motto)
    await supervisor.reload(configOf({ server: { ...entry, cwd: '/' } }))
    await supervisor.callTool('server', 'add', { a: 1, b: 2 })
    await until(() => restored.length === 1)
    await supervisor.callTool('server', 'touch', { uri: motto })
    await until(() => updates().length === 1)
  })

  it('is asked for nothing that nobody wants any more', async () => {
    const supervisor = supervise({ server: stdioSurface(era).entry })
    const { restored } = heard(supervisor)
    await supervisor.subscribe('server', motto)
    await supervisor.subscribe('server', 'surface://notes/one')
    await supervisor.stop('server')
    await errorOf(supervisor.unsubscribe('server', motto))
    await supervisor.start('server')
    await until(() => restored.length === 1)
    expect(restored).toMatchObject([{ resources: ['surface://notes/one'] }])
  })

  it('is asked by each lease for its own', async () => {
    const supervisor = supervise({ server: stdioSurface(era).entry })
    const { restored } = heard(supervisor)
    const [anna, bert] = [supervisor.lease('server'), supervisor.lease('server')]
    await supervisor.subscribe('server', motto)
    await anna.subscribe('surface://notes/one')
    await bert.connect()
    await Promise.all([supervisor.restart('server'), anna.restart(), bert.restart()])
    await until(() => restored.length === 2)
    expect(restored).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ resources: ['surface://notes/one'], lease: anna.id }),
        expect.objectContaining({ resources: [motto] }),
      ]),
    )
    expect(restored.find(({ lease }) => lease === undefined)?.resources).toEqual([motto])
  })

  it('was removed meanwhile: the one that comes under its name is asked for nothing', async () => {
    const { entry } = stdioSurface(era)
    const supervisor = supervise({ server: entry })
    const { restored } = heard(supervisor)
    await supervisor.subscribe('server', motto)
    await supervisor.reload({ mcpServers: {} })
    await supervisor.reload(configOf({ server: entry }))
    await supervisor.restart('server')
    await supervisor.callTool('server', 'add', { a: 1, b: 2 })
    expect(restored).toEqual([])
  })
})

describe('a session over HTTP that is gone', () => {
  /** The requests by which each session was asked to go on doing something. */
  const asked = ({ requests }: Awaited<ReturnType<typeof httpServer>>['fixture']) =>
    requests('POST').flatMap(({ headers, message }) =>
      message?.method === 'resources/subscribe' || message?.method === 'logging/setLevel'
        ? [{ method: message.method, session: headers?.['mcp-session-id'] }]
        : [],
    )

  it('is followed by one that is asked for the same, once', async () => {
    const server = await httpServer()
    const supervisor = supervise({ server })
    const { restored } = heard(supervisor)
    await supervisor.subscribe('server', 'file:///a')
    await supervisor.setLogLevel('server', 'error')
    const [first] = server.fixture.sessions
    server.fixture.forgetSessions()
    await Promise.all([1, 2, 3].map(() => supervisor.callTool('server', 'echo', { text: 'x' })))
    await until(() => restored.length === 1)
    const [second] = server.fixture.sessions
    expect(asked(server.fixture)).toEqual([
      { method: 'resources/subscribe', session: first },
      { method: 'logging/setLevel', session: first },
      { method: 'logging/setLevel', session: second },
      { method: 'resources/subscribe', session: second },
    ])
  })

  it('tells what the next one refuses, works all the same, and is asked again after that', async () => {
    const server = await httpServer()
    const supervisor = supervise({ server })
    const { restored } = heard(supervisor)
    await supervisor.subscribe('server', 'file:///a')
    server.fixture.set({ 'resources/subscribe': { do: 'altered', fields: { result: undefined, error: refusal } } })
    await supervisor.restart('server')
    await until(() => restored.length === 1)
    expect(restored[0]).toMatchObject({
      resources: [],
      failed: [
        { method: 'resources/subscribe', uri: 'file:///a', failure: { code: 'MCP_ERROR', mcp: { code: -32002 } } },
      ],
    })
    server.fixture.set({})
    await supervisor.restart('server')
    await until(() => restored.length === 2)
    expect(restored[1]).toMatchObject({ resources: ['file:///a'], failed: [] })
  })

  it('keeps no call waiting when the next one does not answer', async () => {
    const server = await httpServer({}, { listTimeoutMs: 500 })
    const supervisor = supervise({ server })
    const { restored } = heard(supervisor)
    await supervisor.subscribe('server', 'file:///a')
    server.fixture.set({ 'resources/subscribe': 'hang' })
    await supervisor.restart('server')
    await supervisor.callTool('server', 'echo', { text: 'x' })
    expect(restored).toEqual([])
    await until(() => restored.length === 1)
    expect(restored[0]?.failed).toMatchObject([{ uri: 'file:///a', failure: { code: 'CALL_TIMEOUT' } }])
  })

  it('is not asked for what was taken back while it was asked', async () => {
    const server = await httpServer()
    const supervisor = supervise({ server })
    const { restored } = heard(supervisor)
    await supervisor.subscribe('server', 'file:///a')
    server.fixture.set({ 'resources/subscribe': { do: 'drip', everyMs: 10 } })
    await supervisor.restart('server')
    await supervisor.unsubscribe('server', 'file:///a')
    await until(() => restored.length === 1)
    expect(restored[0]).toMatchObject({ resources: [], failed: [] })
    const last = server.fixture.requests('POST').at(-1)
    expect(last?.message).toMatchObject({ method: 'resources/unsubscribe', params: { uri: 'file:///a' } })
  })
})

const refusal = { code: -32002, message: 'no such resource' }

describe('a modern server over HTTP', () => {
  it('is asked for all resources in a few streams, however many they are', async () => {
    const { url, requests, notify } = await httpSurface({ legacy: false })
    const supervisor = supervise({ server: { url, protocolEra: 'modern' } })
    const { restored, updates } = heard(supervisor)
    const uris = Array.from({ length: 20 }, (_, n) => `surface://notes/${n}`)
    await Promise.all(uris.map((uri) => supervisor.subscribe('server', uri)))
    const before = requests.length
    await supervisor.restart('server')
    await until(() => restored.length === 1)
    expect(restored[0]?.resources).toEqual(uris)
    const listens = requests.slice(before).filter(({ message }) => message?.method === 'subscriptions/listen')
    expect(listens.length).toBeLessThanOrEqual(3)
    notify.resourceUpdated('surface://notes/7')
    await until(() => updates().length === 1)
  })
})
