import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it, onTestFinished } from 'vitest'

import { answered, legacyClient } from '../gateway/gateway-bench.js'
import { configOf, isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { type RunningCommand, folderOf, mainPath, plainEnvironment, runCommand, startCommand } from './command-line.js'
import { socketsOf } from './control-socket.js'

const handshake = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
]

const write = ({ child }: RunningCommand, ...messages: object[]) =>
  child.stdin?.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))

const call = (id: number, name: string, args: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
})

/** `mcpvisor serve` over these entries. */
function serving(entries: Readonly<Record<string, unknown>>, ...args: readonly string[]) {
  const cwd = folderOf({ 'mcp.json': configOf(entries) })
  return { cwd, path: join(cwd, 'mcp.json'), command: startCommand(['serve', '-c', 'mcp.json', ...args], { cwd }) }
}

/** The client of the official SDK, first line, with `mcpvisor serve` as its server. */
async function clientOf(entries: Readonly<Record<string, unknown>>, ...args: readonly string[]) {
  const cwd = folderOf({ 'mcp.json': configOf(entries) })
  const client = new Client({ name: 'test', version: '1.0.0' })
  const env = Object.fromEntries(Object.entries(plainEnvironment(cwd)).map(([name, value]) => [name, value ?? '']))
  const options = {
    command: process.execPath,
    args: [mainPath, 'serve', '-c', 'mcp.json', ...args],
    cwd,
    env,
    stderr: 'ignore' as const,
  }
  const transport = new StdioClientTransport(options)
  onTestFinished(() => client.close())
  return { client, connect: () => client.connect(transport), path: join(cwd, 'mcp.json') }
}

describe('mcpvisor serve', () => {
  it('serves a client of the official SDK over stdio', async () => {
    const { client, connect } = await clientOf({ one: stdioServer(), two: stdioServer() })
    await connect()
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['one__echo', 'two__echo']))
    expect(answered(await client.callTool({ name: 'two__echo', arguments: { text: 'hello' } }))).toBe('hello')
  })

  it('serves a client of the official SDK over HTTP, and asks for the token that it prints', async () => {
    const { command } = serving({ one: stdioServer() }, '--http', '0')
    await command.says('Token: ')
    const [, url = ''] = /Listening on (\S+)/.exec(command.stderr()) ?? []
    const [, token = ''] = /Token: (\S+)/.exec(command.stderr()) ?? []
    await expect(legacyClient({ url })).rejects.toMatchObject({ code: 401 })
    const client = await legacyClient({ url, token })
    expect(answered(await client.callTool({ name: 'one__echo', arguments: { text: 'hello' } }))).toBe('hello')
    command.child.kill('SIGTERM')
    expect(await command.ended).toMatchObject({ code: 0, stdout: '' })
  })

  it('shows the tools of the only server as they are, with --plain', async () => {
    const { client, connect } = await clientOf({ one: stdioServer() }, '--plain')
    await connect()
    expect(answered(await client.callTool({ name: 'echo', arguments: { text: 'hello' } }))).toBe('hello')
  })

  it('shows each client what the view allows that comes with its token, and the client over stdio what --view says', async () => {
    const gateway = { views: { reader: { token: '${READER}', allow: ['one/echo'] }, all: { token: '${ALL}' } } }
    const cwd = folderOf({ 'mcp.json': { ...configOf({ one: stdioServer() }), gateway } })
    const tokens = { READER: 'r'.repeat(16), ALL: 'a'.repeat(16) }
    const command = startCommand(['serve', '-c', 'mcp.json', '--http', '0'], { cwd, env: tokens })
    await command.says('Listening on')
    const [, url = ''] = /Listening on (\S+)/.exec(command.stderr()) ?? []
    const namesFor = async (token: string) => (await (await legacyClient({ url, token })).listTools()).tools.length
    expect(await namesFor(tokens.READER)).toBe(1)
    expect(await namesFor(tokens.ALL)).toBeGreaterThan(1)

    const overStdio = startCommand(['serve', '-c', 'mcp.json', '--view', 'reader'], { cwd, env: tokens })
    write(overStdio, ...handshake, { jsonrpc: '2.0', id: 2, method: 'tools/list' })
    await until(() => overStdio.stdout().includes('"id":2'))
    expect(overStdio.stdout().match(/"name":"one__\w+"/g)).toEqual(['"name":"one__echo"'])

    for (const each of [command, overStdio]) {
      each.child.kill('SIGTERM')
      await each.ended
    }

    const unset = await runCommand(['serve', '-c', 'mcp.json', '--http', '0'], { cwd, env: { ALL: tokens.ALL } })
    expect(unset).toMatchObject({ code: 6 })
    expect(unset.stderr).toContain('The tokens of "gateway.views" need READER, which is not set')
    const unknown = await runCommand(['serve', '-c', 'mcp.json', '--view', 'nobody'], { cwd, env: tokens })
    expect(unknown).toMatchObject({ code: 2 })
  })

  it('tells its client when a reload has changed the tools', async () => {
    const [one, two] = [stdioServer(), stdioServer()]
    const { client, connect, path } = await clientOf({ one }, '--watch')
    const changed = new Promise((resolve) => client.setNotificationHandler(ToolListChangedNotificationSchema, resolve))
    await connect()
    await client.listTools()
    writeFileSync(path, JSON.stringify(configOf({ two })))
    await changed
    const names = (await client.listTools()).tools.map(({ name }) => name)
    expect(names).toContain('two__echo')
    expect(names).not.toContain('one__echo')
  })

  it('puts the views of an edited file in force, and keeps those before when they cannot be used', async () => {
    const tokens = { READER: 'r'.repeat(16), OTHER: 'o'.repeat(16) }
    const one = stdioServer()
    const written = (token: string, allow: readonly string[]) =>
      JSON.stringify({ ...configOf({ one }), gateway: { views: { reader: { token, allow } } } })
    const cwd = folderOf({ 'mcp.json': {} })
    const path = join(cwd, 'mcp.json')
    writeFileSync(path, written('${READER}', ['one/echo']))
    const command = startCommand(['serve', '-c', 'mcp.json', '--http', '0', '--watch'], { cwd, env: tokens })
    await command.says('Listening on')
    const [, url = ''] = /Listening on (\S+)/.exec(command.stderr()) ?? []
    const client = await legacyClient({ url, token: tokens.READER })
    const seen = async () => (await client.listTools()).tools.length
    expect(await seen()).toBe(1)

    writeFileSync(path, written('${READER}', ['one/echo', 'one/add']))
    await expect.poll(seen, { timeout: 10_000 }).toBe(2)
    writeFileSync(path, written('${NOBODY_SET_THIS}', ['one/echo']))
    await command.says('Gateway: the views stay as they were')
    expect(await seen()).toBe(2)
    writeFileSync(path, written('${OTHER}', ['one/echo']))
    await expect.poll(() => seen().catch(() => 'gone'), { timeout: 10_000 }).toBe('gone')
    expect(await (await legacyClient({ url, token: tokens.OTHER })).listTools()).toMatchObject({ tools: [{}] })
    command.child.kill('SIGTERM')
    await command.ended
  })

  it.each([
    { args: [], said: true },
    { args: ['--search'], said: false },
  ])('with $args says what of an edited file has to wait for the next start: $said', async ({ args, said }) => {
    const written = (gateway: object) => JSON.stringify({ ...configOf({ one: stdioServer() }), gateway })
    const cwd = folderOf({ 'mcp.json': {} })
    const path = join(cwd, 'mcp.json')
    writeFileSync(path, written({ exposure: 'all' }))
    const command = startCommand(['serve', '-c', 'mcp.json', '--http', '0', '--watch', ...args], { cwd })
    await command.says('Listening on')
    writeFileSync(path, written({ exposure: 'search' }))
    if (said) await command.says('Gateway: "exposure": "search" is for the next start; until then it is "all"')
    writeFileSync(path, written({ exposure: 'search', views: { reader: { token: '${NOBODY_SET_THIS}' } } }))
    await command.says('Gateway: the views stay as they were')
    command.child.kill('SIGTERM')
    expect((await command.ended).stderr.match(/for the next start/g) ?? []).toHaveLength(said ? 1 : 0)
  })

  it('P07: answers what it has been asked when stdin ends, then ends every server and itself with 0', async () => {
    const server = stdioServer()
    const { command } = serving({ server })
    write(command, ...handshake, call(2, 'server__sleep', { ms: 300 }))
    command.child.stdin?.end()
    const { code, stdout, stderr } = await command.ended
    expect(code).toBe(0)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id?: number; result?: object })
      .filter(({ id }) => id !== undefined)
    expect(answers.map(({ id }) => id)).toEqual([1, 2])
    expect(answers[1]?.result).toBeDefined()
    expect(stderr).toContain('Stopped 1 of 1 server')
    expect(server.pids().filter(isRunning)).toEqual([])
  })

  it('P07: ends every server, and leaves no trace, when nobody reads its stdout any more', async () => {
    const server = stdioServer()
    const { command } = serving({ server })
    write(command, ...handshake, call(2, 'server__echo', { text: 'a' }))
    await until(() => command.stdout().includes('"id":2'))
    command.child.stdout?.destroy()
    write(command, call(3, 'server__echo', { text: 'b' }))
    const { code, stderr } = await command.ended
    expect(code).toBe(0)
    expect(stderr).not.toMatch(/EPIPE|Error|at .*\.js/)
    expect(server.pids().filter(isRunning)).toEqual([])
  })

  it.each([
    [['--http', 'x'], 2, 'port number'],
    [['--http', '0', '--path', 'mcp'], 6, '"path" must be a path that begins with "/"'],
    [['--http', '0', '--token', 'short'], 6, '"token" must be'],
    [['--http', '0', '--no-token', '--host', '0.0.0.0'], 6, '"token" must not be false on 0.0.0.0'],
  ])('refuses %j', async (args, code, text) => {
    const cwd = folderOf({ 'mcp.json': configOf({ server: { command: 'node' } }) })
    const ended = await runCommand(['serve', '-c', 'mcp.json', ...args], { cwd })
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr).toContain(text)
  })
})

const overHttp = ['serve', '-c', 'mcp.json', '--no-token', '--http'] as const

async function addressOf({ says, stderr }: RunningCommand): Promise<{ url: string; port: string }> {
  await says('Listening on')
  const [, url = ''] = /Listening on (\S+)/.exec(stderr()) ?? []
  return { url, port: new URL(url).port }
}

/** The pid of the instance that commands reach. */
async function reachedIn(cwd: string): Promise<number> {
  const { stdout } = await runCommand(['status', '-c', 'mcp.json', '--json'], { cwd })
  return (JSON.parse(stdout) as { instance: { pid: number } }).instance.pid
}

describe('mcpvisor serve beside another instance of its configuration', () => {
  it('over HTTP is refused with the pid of the one that serves, whatever its port, and starts nothing', async () => {
    const one = stdioServer({}, { start: 'eager' })
    const { cwd, command: first } = serving({ one }, '--http', '0', '--no-token')
    const { url, port } = await addressOf(first)
    await first.says('one is ready')
    for (const wanted of [port, '0']) {
      const { code, stdout, stderr } = await runCommand([...overHttp, wanted], { cwd })
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(`mcpvisor serve, pid ${first.pid}`)
    }
    expect(one.pids()).toHaveLength(1)
    expect(await reachedIn(cwd)).toBe(first.pid)
    const client = await legacyClient({ url })
    expect(answered(await client.callTool({ name: 'one__echo', arguments: { text: 'hello' } }))).toBe('hello')

    first.child.kill('SIGKILL')
    await first.ended
    const next = startCommand([...overHttp, port], { cwd })
    expect((await addressOf(next)).port).toBe(port)
    expect(await reachedIn(cwd)).toBe(next.pid)
    next.child.kill('SIGTERM')
    expect(await next.ended).toMatchObject({ code: 0 })
  })

  it('is reached by commands where it was started by a person, not where clients started theirs, in any order', async () => {
    const { cwd, command: early } = serving({ one: stdioServer() })
    await early.says('Serving 1 server')
    const chosen = startCommand([...overHttp, '0'], { cwd })
    const { url } = await addressOf(chosen)
    const late = startCommand(['serve', '-c', 'mcp.json'], { cwd })
    await late.says('Serving 1 server')
    expect(await reachedIn(cwd)).toBe(chosen.pid)
    const { tools } = await (await legacyClient({ url })).listTools()
    write(early, ...handshake, { jsonrpc: '2.0', id: 2, method: 'tools/list' })
    await until(() => early.stdout().includes('"id":2'))
    expect(early.stdout().match(/"name":"one__/g)).toHaveLength(tools.length)

    chosen.child.kill('SIGTERM')
    expect(await chosen.ended).toMatchObject({ code: 0 })
    expect(await reachedIn(cwd)).toBe(early.pid)
    early.child.kill('SIGKILL')
    await early.ended
    expect(await reachedIn(cwd)).toBe(late.pid)
    const another = startCommand(['serve', '-c', 'mcp.json'], { cwd })
    await another.says('Serving 1 server')
    expect(socketsOf(cwd)).toHaveLength(2)
    for (const { child, ended } of [late, another]) {
      child.stdin?.end()
      expect(await ended).toMatchObject({ code: 0 })
    }
    expect(socketsOf(cwd)).toEqual([])
  })

  it('of another configuration says that its port is taken, and leaves nothing', async () => {
    const { cwd, command: first } = serving({ one: stdioServer() }, '--http', '0', '--no-token')
    const { port } = await addressOf(first)
    const two = stdioServer({}, { start: 'eager' })
    writeFileSync(join(cwd, 'other.json'), JSON.stringify(configOf({ two })))
    const { code, stderr } = await runCommand(['serve', '-c', 'other.json', '--no-token', '--http', port], { cwd })
    expect(code).toBe(6)
    expect(stderr).toContain(`The gateway cannot listen on 127.0.0.1:${port}: `)
    expect(two.pids().filter(isRunning)).toEqual([])
    expect(socketsOf(cwd)).toHaveLength(1)
    first.child.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ code: 0 })
  })
})
