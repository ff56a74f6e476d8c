import { expect, test } from 'vitest'
import { isRunning, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'
import { watch } from '../support/fault-watch.js'
import { errorOf } from '../support/rejection.js'

test.each([
  ['S26', 'a second answer at once', { 'tools/call:echo': 'duplicate' }],
  ['S26', 'a second answer later', { 'tools/call:echo': { mode: 'duplicate', ms: 100 } }],
  ['S27', 'an answer to an unknown id', { 'tools/call:echo': 'unknown-id' }],
  ['S29', 'its own cancellation and odd progress', { 'tools/call:echo': 'odd-notifications' }],
  ['S31', 'text before and between its messages', { stdout: 'noise' }],
  ['S31', 'a flood of text', { stdout: { mode: 'noise-flood', lines: 5_000 } }],
])('%s: a call gets its own answer although the server sends %s, which is told', async (_, _title, faults) => {
  const server = stdioServer(faults)
  const supervisor = supervise({ server })
  const { of, violations } = watch(supervisor)
  const startedAt = performance.now()

  const texts = ['a', 'b', 'c']
  const answers = await Promise.all(
    texts.map((text) => supervisor.callTool('server', 'echo', { text }, { onProgress: () => {} })),
  )

  expect(answers.map(textOf)).toEqual(texts)
  await until(() => violations('server') !== '')
  // One a second of each kind, and of the notifications that nobody asked for.
  const seconds = 1 + Math.ceil((performance.now() - startedAt) / 1_000)
  expect(of('protocol.violated').length).toBeLessThanOrEqual(2 * seconds)
  expect([server.executed('echo'), server.pids().length]).toEqual([3, 1])
})

test.each([
  ['S28', 'the id as a string', { 'tools/call:echo': { mode: 'id', as: 'string' } }],
  ['S32', 'a byte order mark', { stdout: 'bom' }],
  ['S32', 'CR LF', { stdout: 'crlf' }],
  ['S32', 'blank lines', { stdout: 'blank' }],
  ['S37', 'its answers byte by byte', { stdout: 'bytes' }],
  ['S37', 'its answers in another order', { 'tools/call:add': { mode: 'late', ms: 150 } }],
])('%s: a server that sends %s is understood', async (_, _title, faults) => {
  const server = stdioServer(faults)
  const supervisor = supervise({ server })
  const [sum, echo] = await Promise.all([
    supervisor.callTool('server', 'add', { a: 1, b: 2 }),
    supervisor.callTool('server', 'echo', { text: 'grüße €' }),
  ])
  expect([textOf(sum), textOf(echo)]).toEqual(['3', 'grüße €'])
})

test.each(['padded', 'float', 'null', 'object', 'absent'])('S28: an answer whose id is %s is nobody’s', async (as) => {
  const server = stdioServer({ 'tools/call:echo': { mode: 'id', as } })
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  const slow = supervisor.callTool('server', 'sleep', { ms: 200 })
  const error = await errorOf(supervisor.callTool('server', 'echo', { text: 'whose?' }, { timeoutMs: 500 }))

  expect(['CALL_TIMEOUT', 'RESPONSE_INVALID']).toContain(error.code)
  expect(textOf(await slow)).toBe('slept 200')
  expect(supervisor.status('server').state).toBe('ready')
})

test('S38: bytes that are no UTF-8 become replacement characters', async () => {
  const supervisor = supervise({ server: stdioServer({ 'tools/call:echo': 'invalid-utf8' }) })
  expect(textOf(await supervisor.callTool('server', 'echo'))).toContain('\uFFFD')
  await supervisor.callTool('server', 'pid')
})

test('S38: a line that is no UTF-8 is skipped and told', async () => {
  const supervisor = supervise({ server: stdioServer({ 'tools/call:echo': { mode: 'invalid-utf8', line: true } }) })
  const { violations } = watch(supervisor)
  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'after it' }))).toBe('after it')
  expect(violations('server')).toContain('\uFFFD')
})

test('S39: of a key that comes twice the last is taken, for the answer and for its id', async () => {
  const result = (text: string) => `{"content":[{"type":"text","text":"${text}"}]}`
  const line = `{"jsonrpc":"2.0","id":999,"id":$ID,"result":${result('first')},"result":${result('last')}}`
  const supervisor = supervise({ server: stdioServer({ 'tools/call:echo': { mode: 'raw', line } }) })
  const { content, ...others } = await supervisor.callTool('server', 'echo')
  expect(content).toEqual([{ type: 'text', text: 'last' }])
  expect(others).toEqual({})
})

test.each([
  '{"jsonrpc":"2.0","id":$ID,"result":"x"}',
  '{"jsonrpc":"2.0","id":$ID,"result":{},"error":{"code":1,"message":""}}',
  '{"jsonrpc":"2.0","id":$ID,"error":{"code":"E","message":""}}',
  '{"jsonrpc":"2.0","id":$ID}',
  '{"jsonrpc":"2.0","id":$ID,"Result":{"content":[]}}',
  '{"jsonrpc":"1.0","id":$ID,"result":{"content":[]}}',
  '{"jsonrpc":"2.0","id":$ID,"__proto__":{"result":{"content":[]}}}',
])('S39: a call is failed at once by %s, and the connection stays', async (line) => {
  const server = stdioServer({ 'tools/call:echo': { mode: 'raw', line } })
  const supervisor = supervise({ server })

  expect(await errorOf(supervisor.callTool('server', 'echo'))).toMatchObject({
    code: 'RESPONSE_INVALID',
    delivered: 'yes',
  })

  await supervisor.callTool('server', 'pid')
  expect(server.pids()).toHaveLength(1)
})

test.each(['{"jsonrpc":"2.0","id":{"a":1},"result":{}}', '[1,2', 'null', '"text"', '{"jsonrpc":"2.0","result":{}}'])(
  'S39: a call whose answer cannot be told (%s) expires',
  async (line) => {
    const server = stdioServer({ 'tools/call:echo': { mode: 'raw', line } })
    const supervisor = supervise({ server })
    await supervisor.connect('server')
    expect(await errorOf(supervisor.callTool('server', 'echo', {}, { timeoutMs: 300 }))).toMatchObject({
      code: 'CALL_TIMEOUT',
      delivered: 'maybe',
    })
    await supervisor.callTool('server', 'pid')
  },
)

test('S40: errors that a server answers are answers: kept whole, and no sign of bad health', async () => {
  const server = stdioServer({ 'tools/call:echo': { mode: 'error', code: -32000, message: 'no', data: { a: [1] } } })
  const supervisor = supervise({ server })

  for (let n = 0; n < 10; n += 1) {
    const error = await errorOf(supervisor.callTool('server', 'echo'))
    expect(error).toMatchObject({ code: 'MCP_ERROR', delivered: 'yes', mcp: { code: -32000, data: { a: [1] } } })
    expect(await supervisor.callTool('server', 'fail')).toMatchObject({ isError: true })
  }

  expect(supervisor.status('server')).toMatchObject({ state: 'ready', restarts: 0, generation: 1 })
})

test.each([
  ['an empty object', {}, 'protocolVersion'],
  [
    'a number as version',
    { protocolVersion: 1, capabilities: {}, serverInfo: { name: 'x', version: '1' } },
    'protocolVersion',
  ],
  ['no capabilities', { protocolVersion: '2025-11-25', serverInfo: { name: 'x', version: '1' } }, 'capabilities'],
  ['no name', { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { version: '1' } }, 'serverInfo'],
  [
    'an unknown version',
    { protocolVersion: '1999-01-01', capabilities: {}, serverInfo: { name: 'x', version: '1' } },
    '1999-01-01',
  ],
])('S41: an initialize answered with %s fails for good and names the field', async (_, value, named) => {
  const server = stdioServer({ initialize: { mode: 'result', value } })
  const supervisor = supervise({ server })

  const error = await errorOf(supervisor.connect('server'))

  expect(error).toMatchObject({ code: 'HANDSHAKE_FAILED', phase: 'handshake', retryable: false })
  expect(error.message).toContain(named)
  await until(() => !server.pids().some(isRunning))
  expect(server.pids()).toHaveLength(1)
})

test('S42: a server of another era fails for good and says what it supports', async () => {
  const data = { supported: ['2026-07-28'], requested: '2025-11-25' }
  const server = stdioServer({
    initialize: { mode: 'error', code: -32022, message: 'Unsupported protocol version', data },
  })
  const supervisor = supervise({ server })

  const error = await errorOf(supervisor.connect('server'))

  expect(error).toMatchObject({ code: 'HANDSHAKE_FAILED', retryable: false, mcp: { code: -32022, data } })
  expect(server.pids()).toHaveLength(1)
})

test('S43: a server without tools is ready and never asked for any', async () => {
  const server = stdioServer({ tools: 'none' })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  expect(supervisor.status('server')).toMatchObject({ state: 'ready', tools: 0, error: '' })
  expect(await supervisor.listTools('server', { refresh: true })).toEqual([])
  expect(server.received('tools/list')).toBe(0)
})

test('S44: bad tools are left out with a reason each, and cost the good ones nothing', async () => {
  const supervisor = supervise({ server: stdioServer({ tools: 'hostile' }) })
  const { of } = watch(supervisor)

  const names = (await supervisor.listTools('server')).map(({ name }) => name)

  const [listed] = of('tools.listed')
  expect(listed?.quarantined.map(({ name, reason }) => `${name?.slice(0, 20)}: ${reason.split(':')[0]}`)).toEqual([
    'no-schema: inputSchema',
    'undefined: name',
    'undefined: tool',
    'undefined: tool',
    ': name',
    'nnnnnnnnnnnnnnnnnnnn: name',
    'array-schema: inputSchema',
    'deep: tool',
    'echo: name',
  ])
  expect(listed?.suspicious).toEqual([
    { name: 'bidi-\\u202etxt', reason: 'name: it holds invisible or control characters' },
  ])
  expect(names).toEqual(
    expect.arrayContaining(['__proto__', 'cyclic', 'remote-ref', 'bad-output', 'slow-pattern', 'echo', 'pid']),
  )
  expect(textOf(await supervisor.callTool('server', 'echo', { text: 'still here' }))).toBe('still here')
})

test.each([
  ['no content', {}],
  ['a text as content', { content: 'x' }],
  ['a block that is none', { content: ['x'] }],
  ['a block without a type', { content: [{ text: 'x' }] }],
  ['a text as isError', { content: [], isError: 'yes' }],
])('S45: a result with %s is invalid, surely executed, and costs the connection nothing', async (_, value) => {
  const server = stdioServer({ 'tools/call:echo': { mode: 'result', value } })
  const supervisor = supervise({ server })
  expect(await errorOf(supervisor.callTool('server', 'echo'))).toMatchObject({
    code: 'RESPONSE_INVALID',
    delivered: 'yes',
  })
  await supervisor.callTool('server', 'pid')
  expect(server.pids()).toHaveLength(1)
})

test('S45: content of an unknown type, unknown keys and hostile keys pass through as data', async () => {
  const line =
    '{"jsonrpc":"2.0","id":$ID,"result":{"content":[{"type":"hologram","x":1}],"__proto__":{"polluted":1},"extra":2}}'
  const supervisor = supervise({ server: stdioServer({ 'tools/call:echo': { mode: 'raw', line } }) })
  const result = await supervisor.callTool('server', 'echo')
  expect(result).toMatchObject({ content: [{ type: 'hologram', x: 1 }], extra: 2 })
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})
