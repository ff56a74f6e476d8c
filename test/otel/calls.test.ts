import { setTimeout as sleep } from 'node:timers/promises'

import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { describe, expect, onTestFinished, test } from 'vitest'

import type { Supervisor } from '../../src/index.js'
import { startHttpServer } from '../fixtures/servers/http.mjs'
import { httpSurface, stdioSurface } from '../protocol/surfaces.js'
import { httpServer, stdioServer, supervise, until } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { collect, isWithin, traceparentOf } from './collected.js'

/** What the `_meta` of the requests of that method held, in the order in which the server got them. */
function metaIn(server: ReturnType<typeof stdioServer>, method: string): Record<string, unknown>[] {
  const received = server.journal.lines().filter((line) => line.event === 'received' && line.method === method)
  return received.map(({ params }) => (params as { _meta?: Record<string, unknown> } | undefined)?._meta ?? {})
}

describe('a call', () => {
  test('is a span within that of its caller, and its server is told of it', async () => {
    const { telemetry, asAgent, named } = collect()
    const files = stdioServer()
    const supervisor = supervise({ files }, { telemetry })
    await supervisor.connect('files')
    await asAgent(() => supervisor.callTool('files', 'echo', { text: 'secret' }, { onProgress: () => {} }))

    const [[agent], [call]] = await Promise.all([named('agent'), named('tools/call echo')])
    expect(isWithin(call, agent)).toBe(true)
    expect(call).toMatchObject({ kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } })
    expect(call?.attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'echo',
      'jsonrpc.request.id': expect.stringMatching(/^\d+$/) as unknown,
      'mcp.protocol.version': '2025-11-25',
      'network.transport': 'pipe',
      'mcpvisor.server.name': 'files',
      'mcpvisor.delivered': 'yes',
      'mcpvisor.queue.duration': expect.any(Number) as unknown,
    })
    expect(metaIn(files, 'tools/call')).toEqual([
      { traceparent: traceparentOf(call), progressToken: Number(call?.attributes['jsonrpc.request.id']) },
    ])
  })

  test('over HTTP says where to, and in which session', async () => {
    const { telemetry, named } = collect()
    const { entry, fixture } = await httpServer()
    const supervisor = supervise({ web: entry }, { telemetry })
    await supervisor.callTool('web', 'add', { a: 1, b: 2 })
    const [call] = await named('tools/call add')
    expect(call?.attributes).toMatchObject({
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(fixture.url).port),
      'mcp.session.id': fixture.sessions[0],
    })
  })

  test.each(['http', 'stdio'] as const)('of 2026-07-28 over %s is told to its server as well', async (transport) => {
    const { telemetry, asAgent, named } = collect()
    const web = await httpSurface({ legacy: false })
    const entry = transport === 'http' ? { url: web.url, protocolEra: 'modern' } : stdioSurface('modern').entry
    const supervisor = supervise({ surface: entry }, { telemetry })
    await asAgent(() => supervisor.callTool('surface', 'add', { a: 1, b: 2 }))
    await supervisor.readResource('surface', 'surface://motto')
    const [[agent], [call], [discovery]] = await Promise.all([
      named('agent'),
      named('tools/call add'),
      named('server/discover'),
    ])
    expect(isWithin(call, agent)).toBe(true)
    expect(call?.attributes).toMatchObject({ 'mcp.protocol.version': '2026-07-28' })
    const [read] = await named('resources/read')
    expect(read?.attributes).toMatchObject({ 'mcp.resource.uri': 'surface://motto' })
    if (transport === 'stdio') return
    const metaOf = (method: string) =>
      web.requests.find(({ message }) => message?.method === method)?.message?.params?.['_meta']
    expect(metaOf('tools/call')).toMatchObject({
      traceparent: traceparentOf(call),
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    })
    expect(metaOf('server/discover')).toMatchObject({ traceparent: traceparentOf(discovery) })
  })

  test('that starts its server has the attempt below it, with the requests of the handshake', async () => {
    const { telemetry, named } = collect()
    const files = stdioServer({ start: { mode: 'exit', code: 3, first: 1 } })
    const supervisor = supervise({ files }, { telemetry })
    await Promise.all([supervisor.callTool('files', 'echo', { text: 'first' }), supervisor.callTool('files', 'pid')])

    const [[call], attempts] = await Promise.all([named('tools/call echo'), named('connect files', 2)])
    expect(attempts.map((attempt) => isWithin(attempt, call))).toEqual([true, true])
    const [failed, good] = attempts
    expect(failed).toMatchObject({ kind: SpanKind.INTERNAL, status: { code: SpanStatusCode.ERROR } })
    expect(failed?.attributes).toMatchObject({
      'mcpvisor.attempt': 1,
      'error.type': 'CONNECTION_LOST',
      'process.exit.code': 3,
    })
    expect(good).toMatchObject({ status: { code: SpanStatusCode.UNSET } })
    expect(good?.attributes).toMatchObject({ 'mcpvisor.attempt': 2, 'mcpvisor.generation': 2 })
    const [greetings, [listing]] = await Promise.all([named('initialize'), named('tools/list')])
    expect(greetings.filter((greeting) => isWithin(greeting, good))).toHaveLength(1)
    expect(isWithin(listing, good)).toBe(true)
    expect(metaIn(files, 'initialize').at(-1)).toEqual({ traceparent: traceparentOf(greetings.at(-1)) })
    expect(metaIn(files, 'tools/list')).toEqual([{ traceparent: traceparentOf(listing) }])
  })

  test('that waits says how long, and when it was sent', async () => {
    const { telemetry, named } = collect()
    const files = stdioServer({}, { maxConcurrency: 1 })
    const supervisor = supervise({ files }, { telemetry })
    await supervisor.connect('files')
    await Promise.all([supervisor.callTool('files', 'sleep', { ms: 300 }), supervisor.callTool('files', 'pid')])
    const [[first], [second]] = await Promise.all([named('tools/call sleep'), named('tools/call pid')])
    const waited = (span: typeof first) => Number(span?.attributes['mcpvisor.queue.duration'])
    expect(waited(second)).toBeGreaterThanOrEqual(0.29)
    expect(waited(first)).toBeLessThan(waited(second))
    expect(second?.events.map(({ name }) => name)).toEqual(['mcpvisor.sent'])
  })

  test('that surely did not reach its server is sent again in the same span', async () => {
    const { telemetry, named, points } = collect()
    const { entry, fixture } = await httpServer({}, { retries: 100, maxTimeoutMs: 50, maxRestarts: 100 })
    const supervisor = supervise({ web: entry }, { telemetry })
    await supervisor.connect('web')
    await fixture.close()
    // The client, in this process too, sees that its connections are gone.
    await sleep(100)
    const call = supervisor.callTool('web', 'add', { a: 1, b: 2 })
    const [, refused] = await named('connect web', 2)
    const again = await startHttpServer({}, { port: fixture.port })
    onTestFinished(() => again.close())
    await call

    const [span] = await named('tools/call add')
    expect(span?.events.map(({ name }) => name)).toEqual(['mcpvisor.sent', 'mcpvisor.unsent', 'mcpvisor.sent'])
    expect(span?.attributes).toMatchObject({ 'mcpvisor.delivered': 'yes' })
    expect(isWithin(refused, span)).toBe(true)
    const measured = await points('mcp.client.operation.duration')
    expect(measured.find(({ attributes }) => attributes['gen_ai.tool.name'] === 'add')).toMatchObject({ count: 1 })
  })

  test('that memory answers has no span', async () => {
    const { telemetry, spans, named } = collect()
    const supervisor = supervise(
      { files: stdioServer({ background: { mode: 'change', kind: 'add', ms: 60_000 } }) },
      { telemetry },
    )
    await supervisor.listTools('files')
    await named('connect files')
    const before = spans().length
    await supervisor.listTools('files')
    await supervisor.connect('files')
    expect(spans()).toHaveLength(before)
    await supervisor.listTools('files', { refresh: true })
    expect(spans()).toHaveLength(before + 1)
  })

  test('of a session of its own is traced with the session', async () => {
    const { telemetry, named } = collect()
    const supervisor = supervise({ files: stdioServer({}, { session: 'per-call' }) }, { telemetry })
    await supervisor.callTool('files', 'pid')
    const [[call], [attempt]] = await Promise.all([named('tools/call pid'), named('connect files')])
    expect(isWithin(attempt, call)).toBe(true)
    expect(attempt?.attributes).toMatchObject({ 'mcpvisor.lease': 1 })
  })
})

describe('a call that fails', () => {
  const errors: Record<string, [(supervisor: Supervisor) => Promise<unknown>, Record<string, unknown>]> = {
    'with an error of its server': [
      (supervisor) => supervisor.callTool('files', 'rpc-error'),
      { 'error.type': '-32042', 'rpc.response.status_code': '-32042', 'mcpvisor.delivered': 'yes' },
    ],
    'with a result that says so': [
      (supervisor) => supervisor.callTool('files', 'fail'),
      { 'error.type': 'tool_error', 'mcpvisor.delivered': 'yes' },
    ],
    'by its deadline': [
      (supervisor) => supervisor.callTool('files', 'sleep', { ms: 60_000 }, { timeoutMs: 50 }),
      { 'error.type': 'CALL_TIMEOUT', 'mcpvisor.delivered': 'maybe' },
    ],
    'because its caller gave up': [
      (supervisor) => supervisor.callTool('files', 'sleep', { ms: 60_000 }, { signal: AbortSignal.timeout(50) }),
      { 'error.type': 'CALL_ABORTED', 'mcpvisor.delivered': 'maybe' },
    ],
    'with its process': [
      (supervisor) => supervisor.callTool('files', 'crash'),
      { 'error.type': 'CONNECTION_LOST', 'mcpvisor.delivered': 'maybe' },
    ],
  }

  test.each(Object.entries(errors))('%s says so, in its span and in what is measured', async (_, [work, expected]) => {
    const { telemetry, spans, points } = collect()
    const supervisor = supervise({ files: stdioServer() }, { telemetry })
    await supervisor.connect('files')
    await work(supervisor).catch(() => undefined)
    const call = spans().find(({ name }) => name.startsWith('tools/call'))
    expect(call?.attributes).toMatchObject(expected)
    expect(call?.status.code).toBe(SpanStatusCode.ERROR)
    const { 'mcpvisor.delivered': _delivered, ...labels } = expected
    const point = (await points('mcp.client.operation.duration')).find(
      ({ attributes }) => attributes['mcp.method.name'] === 'tools/call',
    )
    expect(point).toMatchObject({
      count: 1,
      attributes: { ...labels, 'gen_ai.tool.name': expect.any(String) as unknown },
    })
  })

  test('before it was sent is measured as waiting alone', async () => {
    const { telemetry, named, points } = collect()
    const supervisor = supervise({ none: { command: 'no-such-command' } }, { telemetry })
    await errorOf(supervisor.callTool('none', 'echo'))
    await errorOf(supervisor.callTool('none', 'echo'))
    const [first, second] = await named('tools/call echo', 2)
    expect(first?.attributes).toMatchObject({ 'error.type': 'SPAWN_FAILED', 'mcpvisor.delivered': 'no' })
    expect(second?.attributes).toMatchObject({ 'error.type': 'SERVER_UNAVAILABLE', 'mcpvisor.delivered': 'no' })
    expect(await points('mcp.client.operation.duration')).toEqual([])
    const waits = await points('mcpvisor.queue.duration')
    expect(waits.map(({ attributes }) => attributes['error.type'])).toEqual(['SPAWN_FAILED', 'SERVER_UNAVAILABLE'])
  })

  test('and is sent again is two spans of one caller, with the restart between them', async () => {
    const { telemetry, asAgent, named } = collect()
    const files = stdioServer({ 'tools/call:add': { mode: 'exit-after', first: 1 } })
    const supervisor = supervise({ files }, { telemetry })
    await supervisor.connect('files')
    await asAgent(() => supervisor.callTool('files', 'add', { a: 1, b: 2 }, { retry: 'idempotent' }))
    const [[agent], calls] = await Promise.all([named('agent'), named('tools/call add', 2)])
    expect(calls.map((call) => isWithin(call, agent))).toEqual([true, true])
    const [first, second] = calls
    expect(first?.attributes).toMatchObject({ 'error.type': 'CONNECTION_LOST', 'mcpvisor.delivered': 'maybe' })
    expect(first?.attributes).not.toHaveProperty('mcpvisor.resends')
    expect(second?.attributes).toMatchObject({ 'mcpvisor.resends': 1, 'mcpvisor.delivered': 'yes' })
    const [, restart] = await named('connect files', 2)
    expect(restart?.attributes).toMatchObject({ 'mcpvisor.generation': 2 })
    await until(() => files.executed('add') === 2)
  })
})
