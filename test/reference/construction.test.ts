import { expect, test } from 'vitest'
import { createSupervisor } from '../../src/index.js'
import { configOf, httpServer, stdioServer, supervise, textOf, until } from '../support/fixture-servers.js'

/** What `createSupervisor` throws for a configuration. */
function refusalOf(config: unknown): unknown {
  try {
    createSupervisor(config)
  } catch (error) {
    return error
  }
  throw new Error('expected the configuration to be refused')
}

test('S1: a supervisor without servers answers every query with nothing', () => {
  const supervisor = supervise({})

  expect(supervisor.servers()).toEqual([])
  expect(supervisor.statuses()).toEqual([])
  expect(supervisor.config()).toEqual({ mcpServers: {} })
  expect(supervisor.status('any')).toMatchObject({ connected: false, initialized: false, error: '' })
})

test.each([
  [null, 'null'],
  [[], 'array'],
  [42, 'number'],
  ['text', 'string'],
  [undefined, 'undefined'],
  [true, 'boolean'],
])('S2: a configuration that is %j is refused for its type', (config, type) => {
  expect(refusalOf(config)).toMatchObject({
    name: 'SupervisorError',
    code: 'CONFIG_INVALID',
    message: `MCP configuration must be an object, got ${type}`,
  })
})

test.each([
  [null, 'null'],
  [[], 'array'],
  [42, 'number'],
  ['text', 'string'],
])('S3: "mcpServers" that is %j is refused for its type', (mcpServers, type) => {
  expect(refusalOf({ mcpServers })).toMatchObject({
    code: 'CONFIG_INVALID',
    message: `"mcpServers" must be an object, got ${type}`,
  })
})

test('S4: a configuration without "mcpServers" has no servers', async () => {
  const supervisor = createSupervisor({})

  expect(supervisor.servers()).toEqual([])
  expect(await supervisor.close()).toMatchObject({ total: 0 })
})

test('S5: servers are created in configuration order, disconnected, without a process or a request', async () => {
  const [zebra, ant] = [stdioServer(), stdioServer()]
  const http = await httpServer()
  const supervisor = supervise({ zebra, http, ant })

  expect(supervisor.servers()).toEqual(['zebra', 'http', 'ant'])
  await until(() => supervisor.statuses().every(({ state }) => state === 'idle'))
  expect(supervisor.statuses().map(({ connected }) => connected)).toEqual([false, false, false])
  expect([...zebra.pids(), ...ant.pids()]).toEqual([])
  expect(http.fixture.journal).toEqual([])
})

test('S6: a good server is not connected, has no error and is initialized', () => {
  const supervisor = supervise({ server: stdioServer() })

  expect(supervisor.status('server')).toMatchObject({ connected: false, error: '', initialized: true })
})

test('S7 (F9): a second supervisor stands beside the first, which goes on', async () => {
  const [first, second] = [stdioServer(), stdioServer()]
  const one = supervise({ server: first })
  await one.connect('server')

  const two = supervise({ server: second })
  await two.connect('server')
  await two.close()

  expect(one.status('server')).toMatchObject({ state: 'ready', pid: first.pids()[0] })
  expect(textOf(await one.callTool('server', 'pid'))).toBe(String(first.pids()[0]))
})

test('S8 (F9): a configuration that is refused leaves what runs as it was', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')

  expect(refusalOf({ mcpServers: [] })).toMatchObject({ code: 'CONFIG_INVALID' })

  expect(supervisor.servers()).toEqual(['server'])
  expect(supervisor.status('server')).toMatchObject({ state: 'ready', pid: server.pids()[0] })
})

test('S9 (F11): one bad entry is a failed server with its error, and the others work', async () => {
  const good = stdioServer()
  const supervisor = supervise({ bad: {}, good })

  expect(supervisor.servers()).toEqual(['bad', 'good'])
  expect(supervisor.status('bad')).toMatchObject({ state: 'failed', initialized: false })
  expect(supervisor.status('bad').error).toContain('must specify either "command" (stdio) or "url" (HTTP)')
  expect(textOf(await supervisor.callTool('good', 'echo', { text: 'fine' }))).toBe('fine')
})

test('S10 (F10): the configuration is kept as it was given, failed entries included, and later changes to it are not seen', () => {
  const config = { mcpServers: { server: { command: 'node', args: ['a'] }, bad: {} } }
  const given = structuredClone(config)
  const supervisor = supervise(config.mcpServers)

  config.mcpServers.server.args.push('b')

  expect(supervisor.config()).toEqual(given)
})

test('S11: stdio and HTTP servers work beside each other', async () => {
  const [stdio, http] = [stdioServer(), await httpServer()]
  const supervisor = supervise({ stdio, http })

  const answers = await Promise.all(['stdio', 'http'].map((name) => supervisor.callTool(name, 'echo', { text: name })))

  expect(answers.map(textOf)).toEqual(['stdio', 'http'])
  expect(supervisor.statuses()).toMatchObject([
    { transport: 'stdio', connected: true },
    { transport: 'http', connected: true },
  ])
  expect(configOf({ stdio, http })).toEqual(supervisor.config())
})
