import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { type InspectionEvent } from 'xstate'
import { isRunning, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { betrayal, canaries, found, seen } from '../support/fault-canaries.js'
import { given, secretEnv, secretHeaders, secretUrl, secretWeb, withSecrets } from '../support/planted-entries.js'
import { watch } from '../support/fault-watch.js'
import { errorOf } from '../support/rejection.js'

test('X01: a child sees the safe part of our environment, its own variables and our mark, and nothing else', async () => {
  process.env['MCPVISOR_TEST_SECRET'] = 'inherited'
  onTestFinished(() => void delete process.env['MCPVISOR_TEST_SECRET'])
  const server = stdioServer()
  const supervisor = supervise({ server: { ...server.entry, env: { ...server.entry.env, MINE: '1' } } })
  const names = textOf(await supervisor.callTool('server', 'env')).split(' ')
  const allowed = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'JOURNAL', 'MINE', 'MCPVISOR_OWNER']
  expect(names.filter((name) => !allowed.includes(name))).toEqual([])
  expect(names).toEqual(expect.arrayContaining(['PATH', 'MINE', 'JOURNAL']))
})

test('X02: no secret is seen in any outlet, whatever the servers betray', async () => {
  const records: string[] = []
  const logger = pino({ level: 'trace' }, { write: (record: string) => void records.push(record) })
  const inspected: InspectionEvent[] = []
  const raw = (frame: object) => ({
    mode: 'raw',
    line: JSON.stringify({ jsonrpc: '2.0', ...frame }).replace('"$ID"', '$ID'),
  })
  const chatty = stdioServer({
    stderr: { mode: 'text', text: `${betrayal}\n` },
    'tools/call:echo': { mode: 'error', message: betrayal, data: { [canaries.env]: [betrayal] } },
    'tools/call:add': { mode: 'throw', message: betrayal },
    'tools/call:pid': { mode: 'raw', line: `noise ${betrayal.replaceAll('\n', ' ')}` },
    'tools/call:counter': raw({ id: '$ID', error: { code: betrayal, message: betrayal } }),
    'tools/call:argv': raw({ method: 'notifications/message', params: { level: 'info', data: betrayal } }),
    'tools/call:env': raw({ method: betrayal, params: { [canaries.token]: betrayal } }),
  })
  const rude = stdioServer({ initialize: { mode: 'error', message: betrayal, data: betrayal } })
  const unlisted = stdioServer({ 'tools/list': { mode: 'error', message: betrayal } })
  const dying = stdioServer({ start: { mode: 'throw', message: betrayal } }, { retries: 0 })
  const supervisor = supervise(
    {
      ...Object.fromEntries(
        Object.entries({ chatty, rude, unlisted, dying }).map(([name, server]) => [name, withSecrets(server)]),
      ),
      missing: { command: '${ARGUMENT}/no-such-program', env: secretEnv },
      nowhere: { command: process.execPath, cwd: '/no/${ARGUMENT}', env: secretEnv },
      web: await secretWeb(),
      refused: {
        url: secretUrl('http://127.0.0.1:1/mcp'),
        headers: secretHeaders,
        supervisor: { retries: 0 },
      },
      unresolved: { command: '${NOBODY_SET_THIS}', env: secretEnv },
    },
    {
      ...given,
      logger,
      inspect: (event) => void inspected.push(event),
    },
  )
  const { events, violations, of } = watch(supervisor)

  const errors = await Promise.all([
    ...['rude', 'dying', 'missing', 'nowhere', 'refused', 'unresolved'].map((name) =>
      errorOf(supervisor.connect(name)),
    ),
    errorOf(supervisor.listTools('unlisted')),
    errorOf(supervisor.callTool('web', 'echo', {})),
    ...['echo', 'counter'].map((tool) => errorOf(supervisor.callTool('chatty', tool))),
    ...['pid', 'argv', 'env'].map((tool) => errorOf(supervisor.callTool('chatty', tool, {}, { timeoutMs: 3_000 }))),
  ])
  errors.push(await errorOf(supervisor.callTool('chatty', 'add', {})))
  const again = await errorOf(supervisor.callTool('dying', 'pid'))
  const statuses = supervisor.statuses()
  await supervisor.close()

  // All of them said something, or this would show nothing.
  expect(
    errors.filter(({ message, stderrTail = '' }) => `${message}${stderrTail}`.includes('***')).length,
  ).toBeGreaterThan(6)
  const codes = errors.map(({ code }) => code)
  expect(codes.slice(0, 6)).toEqual([
    'HANDSHAKE_FAILED',
    'CONNECTION_LOST',
    'SPAWN_FAILED',
    'SPAWN_FAILED',
    'CONNECTION_LOST',
    'CONFIG_UNRESOLVED',
  ])
  expect(codes).toEqual(expect.arrayContaining(['MCP_ERROR', 'RESPONSE_INVALID', 'CALL_TIMEOUT']))
  expect(of('stderr.written').length).toBeGreaterThan(0)
  expect(of('notification.received').length).toBeGreaterThan(1)
  expect(violations('chatty')).toContain('noise')
  for (const outlet of [
    records.join(''),
    ...errors.map((error) => seen(error)),
    seen(again),
    seen(statuses),
    seen(events),
  ]) {
    expect(found(outlet)).toEqual([])
  }
  for (const event of inspected) {
    const about = 'snapshot' in event ? event.snapshot : undefined
    expect(found(seen({ type: event.type, event: 'event' in event ? event.event : undefined }))).toEqual([])
    expect(found(seen(about, 4))).toEqual([])
  }
  expect(inspected.length).toBeGreaterThan(100)
})

test.each([
  ['an error code', (secret: string) => ({ id: '$ID', error: { code: secret, message: '' } })],
  ['a version', (secret: string) => ({ jsonrpc: secret, id: '$ID', result: {} })],
])('X02: a secret as %s is masked before it is cut to fit a message', async (_, frame) => {
  const secret = `long-${'0123456789abcdef'.repeat(8)}`
  const line = JSON.stringify({ jsonrpc: '2.0', ...frame(secret) }).replace('"$ID"', '$ID')
  const server = stdioServer({ 'tools/call:echo': { mode: 'raw', line } })
  const supervisor = supervise({ server: { ...server.entry, env: { ...server.entry.env, SECRET: secret } } })
  const { events } = watch(supervisor)
  const error = await errorOf(supervisor.callTool('server', 'echo'))
  expect(error.message).toContain('got "***"')
  expect(seen(error) + seen(events)).not.toContain('long-')
})

test('X03: nothing that a server or a caller says changes the prototype of objects', async () => {
  const before = Object.getOwnPropertyNames(Object.prototype)
  const hostile = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}'
  const supervisor = supervise({
    server: stdioServer({
      'tools/call:echo': {
        mode: 'raw',
        line: `{"jsonrpc":"2.0","id":$ID,${hostile},"result":{${hostile},"content":[{"type":"text",${hostile}}]}}`,
      },
      'tools/call:pid': {
        mode: 'raw',
        line: `{"jsonrpc":"2.0","id":$ID,"error":{"code":1,"message":"x","data":{${hostile}}}}`,
      },
      tools: 'hostile',
    }),
  })
  await supervisor.listTools('server')
  await supervisor.callTool('server', 'echo', JSON.parse(`{${hostile}}`) as Record<string, unknown>)
  const error = await errorOf(supervisor.callTool('server', 'pid'))
  expect(JSON.stringify(error)).toContain('polluted')
  expect(supervisor.status('__proto__').state).toBe('closed')
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
})

test('X04: arguments reach the process as they are, past any shell', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvisor-injection-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const hostile = [
    `$(touch ${folder}/a)`,
    `; touch ${folder}/b`,
    `\`touch ${folder}/c\``,
    '"\'',
    '*',
    '-c',
    '',
    '%PATH%',
    '^&|<>',
    'a\nb',
    '$HOME',
  ]
  const server = stdioServer()
  const supervisor = supervise({ server: { ...server.entry, args: [...(server.entry.args ?? []), ...hostile] } })
  const [, ...argv] = JSON.parse(textOf(await supervisor.callTool('server', 'argv'))) as string[]
  expect(argv).toEqual(hostile)
  expect(readdirSync(folder)).toEqual([])
})

test('X04: on Windows what is no program goes through cmd.exe with every character that it minds escaped', () => {
  const hostile = ['a & calc', '%PATH%', '"quoted"', '^&|<>!', 'C:\\path\\']
  const script = `
    Object.defineProperty(process, 'platform', { value: 'win32' })
    const { args, options } = require('cross-spawn')._parse('tool.BAT', ${JSON.stringify(hostile)}, { shell: false })
    console.log(JSON.stringify({ args, options }))
  `
  const cwd = join(import.meta.dirname, '../..')
  const { args, options } = JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd, encoding: 'utf8' })) as {
    args: string[]
    options: object
  }
  expect(args).toEqual([
    '/d',
    '/s',
    '/c',
    String.raw`"tool.BAT ^"a^ ^&^ calc^" ^"^%PATH^%^" ^"\^"quoted\^"^" ^"^^^&^|^<^>^!^" ^"C:\path\\^""`,
  ])
  expect(options).toEqual({ shell: false, windowsVerbatimArguments: true })
})

test('S53: each line of stderr is one record, its control characters escaped, its origin named', async () => {
  const records: Record<string, unknown>[] = []
  const logger = pino(
    { level: 'trace' },
    { write: (record: string) => void records.push(JSON.parse(record) as Record<string, unknown>) },
  )
  const supervisor = supervise({ server: stdioServer({ stderr: 'escapes' }) }, { logger })
  await supervisor.callTool('server', 'pid')

  await until(() => records.filter(({ event }) => event === 'stderr.written').length === 3)

  const written = records.filter(({ event }) => event === 'stderr.written')
  expect(written.map(({ line }) => line)).toEqual([
    '\\u001b[31mred\\u001b[0m\\u000dforged\\u0007',
    '{"level":60,"msg":"forged record"}',
    '\\u009b2J\\u202etxt',
  ])
  expect(written.every(({ server, level }) => server === 'server' && level === 20)).toBe(true)
})

test('S54: a server that prints its environment shows none of its values', async () => {
  const server = stdioServer({ stderr: 'env', 'tools/call:echo': 'exit' })
  const supervisor = supervise({
    server: { ...server.entry, env: { ...server.entry.env, TOKEN: canaries.env, OTHER: canaries.envQuotes } },
  })
  const { events } = watch(supervisor)
  const error = await errorOf(supervisor.callTool('server', 'echo'))
  expect(error.stderrTail).toContain('"TOKEN":"***"')
  expect(found(seen(error) + seen(supervisor.status('server')) + seen(events))).toEqual([])
})

test('X07: characters nobody sees in a definition are told at each listing', async () => {
  const supervisor = supervise({ server: stdioServer({ tools: 'hostile' }) })
  const { of } = watch(supervisor)
  await supervisor.connect('server')
  await until(() => of('tools.listed').length === 1)
  expect(of('tools.listed')[0]?.suspicious).toMatchObject([
    { reason: 'name: it holds invisible or control characters' },
  ])
})

test.each([
  ['command', { command: '/bin/sh', args: ['-c', 'exit 1'] }],
  ['arguments', { args: ['other'] }],
  ['environment', { env: { OTHER: '1' } }],
])('X08: an entry with another %s is another server: told as updated, its process replaced', async (_, change) => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const report = await supervisor.reload({ mcpServers: { server: { ...server.entry, ...change } } })
  expect(report).toMatchObject({ ok: true, updated: ['server'], unchanged: [] })
  expect(server.pids().some(isRunning)).toBe(false)
  expect(supervisor.status('server').generation).toBe(1)
})

test('X09: schemas and patterns that would explode are kept as data, and by default never evaluated', async () => {
  const server = stdioServer({ tools: 'hostile' })
  const supervisor = supervise({ server })
  const tools = await supervisor.listTools('server')
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['slow-pattern', 'remote-ref', 'cyclic']))

  const startedAt = performance.now()
  await errorOf(supervisor.callTool('server', 'slow-pattern', { a: 'a'.repeat(50) + '!' }))

  // Evaluated, it would take centuries.
  expect(performance.now() - startedAt).toBeLessThan(5_000)
})

test('X09: answers that explode their schema are refused in their time, and hold up nobody', async () => {
  let fetched = 0
  const sink = createServer((_, response) => void response.end(String((fetched += 1)))).listen(0, '127.0.0.1')
  onTestFinished(() => void sink.close())
  await once(sink, 'listening')
  const { port } = sink.address() as AddressInfo
  const refusals = {
    pattern: { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } },
    remote: { $ref: `http://127.0.0.1:${port}/schema.json` },
    twice: { $ref: '#/$defs/0', $defs: doubling(40) },
    many: { enum: Array.from({ length: 10_000 }, (_, n) => n) },
  }
  const names = Object.keys(refusals)
  const value = { content: [], structuredContent: { a: `${'a'.repeat(60)}!` } }
  const list = Object.entries(refusals).map(([name, outputSchema]) => ({
    name,
    inputSchema: { type: 'object' },
    outputSchema,
  }))
  const hostile = stdioServer(
    {
      tools: { mode: 'more', list },
      ...Object.fromEntries(names.map((name) => [`tools/call:${name}`, { mode: 'result', value }])),
    },
    { validateOutput: true },
  )
  const supervisor = supervise({ hostile, other: stdioServer() })
  await Promise.all([supervisor.connect('hostile'), supervisor.connect('other')])

  let isOver = false
  const refused = Promise.all(names.map((name) => errorOf(supervisor.callTool('hostile', name)))).finally(
    () => void (isOver = true),
  )
  let answered = 0
  while (!isOver) {
    await supervisor.callTool('other', 'pid')
    answered += 1
  }

  expect(answered).toBeGreaterThan(100)
  expect((await refused).map(({ code, delivered }) => ({ code, delivered }))).toEqual(
    names.map(() => ({ code: 'RESPONSE_INVALID', delivered: 'yes' })),
  )
  expect((await refused).map(({ message }) => message.split(' wrongly: ')[1])).toEqual([
    'its structured content could not be judged within 2000 ms',
    expect.stringContaining("its outputSchema cannot be used: can't resolve reference"),
    expect.stringContaining('its structured content could not be judged'),
    'its structured content must be equal to one of the allowed values',
  ])
  expect(fetched).toBe(0)
})

/** Each definition refers twice to the next: as many checks as 2 to that power. */
function doubling(levels: number): Record<string, object> {
  const next = (level: number) => ({ $ref: `#/$defs/${level + 1}` })
  const twice = Array.from({ length: levels }, (_, level) => [level, { allOf: [next(level), next(level)] }] as const)
  return { ...Object.fromEntries(twice), [levels]: { type: 'object' } }
}
