import { pino } from 'pino'
import { expect, test } from 'vitest'

import type { Supervisor, Telemetry } from '../../src/index.js'
import { createTelemetry } from '../../src/otel/index.js'
import { httpSurface } from '../protocol/surfaces.js'
import { configOf, stdioServer, supervise, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { collect } from './collected.js'

const buckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]

async function killAndHeal(supervisor: Supervisor, name: string): Promise<void> {
  const { pid, generation } = supervisor.status(name)
  process.kill(pid ?? 0, 'SIGKILL')
  await until(() => supervisor.status(name).generation > generation && supervisor.status(name).connected)
}

test('sessions and attempts are measured, with how they ended', async () => {
  const { telemetry, points, count } = collect()
  const supervisor = supervise({ files: stdioServer(), none: { command: 'no-such-command' } }, { telemetry })
  await Promise.all([supervisor.connect('files'), errorOf(supervisor.connect('none'))])
  await killAndHeal(supervisor, 'files')
  expect(await count('mcpvisor.sessions')).toBe(1)
  await supervisor.close()
  expect(await count('mcpvisor.sessions')).toBe(0)

  const sessions = await points('mcp.client.session.duration')
  const labels = {
    'mcpvisor.server.name': 'files',
    'network.transport': 'pipe',
    'mcp.protocol.version': '2025-11-25',
  }
  expect(sessions.map(({ attributes, count }) => ({ attributes, count }))).toEqual([
    { attributes: { ...labels, 'error.type': 'CONNECTION_LOST' }, count: 1 },
    { attributes: labels, count: 1 },
  ])
  const attempts = await points('mcpvisor.connect.duration')
  expect(attempts.map(({ attributes, count }) => ({ attributes, count }))).toEqual(
    expect.arrayContaining([
      { attributes: { 'mcpvisor.server.name': 'files' }, count: 2 },
      { attributes: { 'mcpvisor.server.name': 'none', 'error.type': 'SPAWN_FAILED' }, count: 1 },
    ]),
  )
  for (const { boundaries } of [...sessions, ...attempts]) expect(boundaries).toEqual(buckets)
})

test('a restart that nobody called for is a trace of its own, with what was asked meanwhile', async () => {
  const { telemetry, asAgent, named } = collect()
  const supervisor = supervise({ files: stdioServer() }, { telemetry })
  await asAgent(() => supervisor.connect('files'))
  await killAndHeal(supervisor, 'files')
  const [[agent], [first, restart]] = await Promise.all([named('agent'), named('connect files', 2)])
  expect(first?.parentSpanContext?.spanId).toBe(agent?.spanContext().spanId)
  expect(restart?.parentSpanContext).toBeUndefined()
})

test.each(['legacy', 'modern'])('pings have no span, in the %s era', async (protocolEra) => {
  const { telemetry, spans, named } = collect()
  const { url, requests } = await httpSurface(protocolEra === 'modern' ? { legacy: false } : {})
  const entry = { url, protocolEra, supervisor: { pingIntervalMs: 20 } }
  const supervisor = supervise({ surface: entry }, { telemetry })
  await supervisor.connect('surface')
  await named('tools/list')
  const [told, heard] = [spans().length, requests.length]
  await until(() => requests.length > heard + 2)
  expect(spans()).toHaveLength(told)
})

test('an attempt that is given up ends without an error', async () => {
  const { telemetry, named } = collect()
  const supervisor = supervise({ files: stdioServer({ initialize: 'hang' }) }, { telemetry })
  await errorOf(supervisor.connect('files', { signal: AbortSignal.timeout(100) }))
  const [attempt] = await named('connect files')
  expect(attempt?.events.map(({ name }) => name)).toEqual(['mcpvisor.given_up'])
  expect(attempt?.attributes).not.toHaveProperty('error.type')
})

test('every span that begins ends, whatever becomes of servers and calls', async () => {
  const { telemetry, open, spans } = collect()
  const servers = {
    steady: stdioServer({}, { drainTimeoutMs: 50 }),
    mortal: stdioServer({ 'tools/call:add': { mode: 'exit-after', first: 1 } }),
    apart: stdioServer({}, { session: { pool: 1 } }),
    hanging: stdioServer({ initialize: 'hang' }, { connectTimeoutMs: 150, retries: 1 }),
    none: { command: 'no-such-command' },
  }
  const supervisor = supervise(servers, { telemetry })
  const sleep = () => errorOf(supervisor.callTool('steady', 'sleep', { ms: 60_000 }))
  await Promise.all([
    errorOf(supervisor.callTool('hanging', 'echo')),
    errorOf(supervisor.callTool('none', 'echo')),
    errorOf(supervisor.callTool('steady', 'sleep', { ms: 60_000 }, { signal: AbortSignal.timeout(100) })),
    supervisor.callTool('mortal', 'add', { a: 1, b: 2 }, { retry: 'idempotent' }),
    supervisor.callTool('apart', 'pid'),
  ])
  const left = [sleep(), sleep()]
  const lease = supervisor.lease('steady')
  await lease.callTool('pid')
  await supervisor.reload(configOf({ mortal: servers.mortal, fresh: stdioServer({ initialize: 'hang' }) }))
  left.push(errorOf(supervisor.callTool('fresh', 'echo')))
  await until(() => supervisor.status('fresh').state === 'connecting')
  await supervisor.close()
  await Promise.all(left)
  await until(() => open().length === 0)
  expect(spans().length).toBeGreaterThan(20)
})

test('telemetry that throws harms no call, and is told to the logger', async () => {
  const records: string[] = []
  const logger = pino({}, { write: (line: string) => void records.push(line) })
  const fail = (): never => {
    throw new Error('telemetry broke')
  }
  const brokenTrace = { carry: fail, settled: fail, unsent: fail }
  const kinds: Telemetry[] = [
    { call: fail, connection: fail },
    { call: () => brokenTrace, connection: () => ({ request: fail, opened: fail, up: fail, ended: fail }) },
    {
      call: () => brokenTrace,
      connection: () => ({ request: () => brokenTrace, opened: fail, up: fail, ended: fail }),
    },
  ]
  for (const telemetry of kinds) {
    const files = stdioServer()
    const supervisor = supervise({ files }, { telemetry, logger })
    await supervisor.callTool('files', 'echo', { text: 'x' })
    await errorOf(supervisor.callTool('files', 'crash'))
    await supervisor.callTool('files', 'echo', { text: 'x' })
    expect(files.executed('echo')).toBe(2)
    await supervisor.close()
  }
  // Once by each of them.
  expect(records.filter((record) => record.includes('telemetry broke'))).toHaveLength(kinds.length)
})

test('telemetry that writes a request twice writes it once', async () => {
  const files = stdioServer()
  const twice: Telemetry = {
    call: () => ({
      carry(_, send) {
        send({ baggage: 'a=1' })
        send()
      },
      unsent() {},
      settled() {},
    }),
    connection: () => ({ request: () => ({ carry() {}, settled() {} }), opened() {}, up() {}, ended() {} }),
  }
  const supervisor = supervise({ files }, { telemetry: twice })
  await supervisor.callTool('files', 'echo', { text: 'x' })
  expect(files.executed('echo')).toBe(1)
})

test('what cannot be written fails its call as it does without telemetry, and is no failure of telemetry', async () => {
  const records: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void records.push(line) })
  const { telemetry, named } = collect()
  const supervisor = supervise({ files: stdioServer() }, { telemetry, logger })
  await supervisor.connect('files')
  const error = await errorOf(supervisor.callTool('files', 'echo', { text: 1n }))
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('must be JSON') as string })
  const [call] = await named('tools/call echo')
  expect(call?.attributes).toMatchObject({ 'error.type': 'CONFIG_INVALID', 'mcpvisor.delivered': 'no' })
  expect(records).toEqual([])
})

test.each([[{}], [createTelemetry]])('what is no telemetry is refused at once', (telemetry) => {
  const create = () => supervise({}, { telemetry: telemetry as unknown as Telemetry })
  expect(create).toThrow(/"options.telemetry" must be what "createTelemetry\(\)" returns/)
})
