/** Every verb of the installed package, as a script uses it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'

import { protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { legacyClient } from '../gateway/gateway-bench.js'
import { configOf, isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { type RunningCommand, folderOf, plainEnvironment, startCommand } from './command-line.js'
import { type InstalledPackage, installPackage } from './installed-package.js'

let installed: InstalledPackage
beforeAll(() => void (installed = installPackage()))
afterAll(() => installed.remove())

type Environment = Readonly<Record<string, string>>

/** `mcpvisor` in a folder with these files. */
function folderWith(files: Readonly<Record<string, unknown>>) {
  const cwd = folderOf(files)
  const start = (args: readonly string[], env: Environment = {}) =>
    startCommand(args, { cwd, env, program: [installed.program] })
  return { cwd, start, run: (args: readonly string[], env?: Environment) => start(args, env).ended }
}

async function end({ child, ended }: RunningCommand) {
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0 })
}

const namesIn = (stdout: string) =>
  (JSON.parse(stdout) as { servers: { name: string }[] }).servers.map(({ name }) => name)

describe('the installed package', () => {
  it('has each verb of its help, and explains it', async () => {
    const { run } = folderWith({})
    const { stdout } = await run(['--help'])
    const verbs = [...stdout.matchAll(/^ {2}(\w+) .*/gm)].flatMap(([, verb = '']) => (verb === 'help' ? [] : verb))
    const known = 'check config import run status logs start stop restart auth logout serve tools call approve doctor'
    expect(verbs).toEqual(expect.arrayContaining([...known.split(' '), 'completion']))
    const helps = await Promise.all(verbs.map((verb) => run([verb, '--help'])))
    for (const [index, help] of helps.entries()) {
      expect(help).toMatchObject({ code: 0, stderr: '' })
      expect(help.stdout).toContain(`Usage: mcpvisor ${verbs[index]}`)
    }
  })

  it('says what is wrong with what it is given', async () => {
    const { run, cwd } = folderWith({ 'mcp.json': configOf({ a: stdioServer() }) })
    mkdirSync(join(cwd, 'folder.json'))
    const [nothing, verb, option, file, folder, instance] = await Promise.all([
      run([]),
      run(['chekc']),
      run(['status', '--wacth', '--json']),
      run(['check', 'none.json']),
      run(['check', 'folder.json', 'mcp.json', '--json']),
      run(['status', '-c', 'mcp.json', '--json']),
    ])
    expect(nothing).toMatchObject({ code: 2, stdout: '' })
    expect(verb).toMatchObject({ code: 2, stderr: expect.stringContaining('hint: did you mean check?') })
    expect(JSON.parse(option.stderr)).toEqual({
      error: { code: 'USAGE', message: "unknown option '--wacth'", hint: 'did you mean --watch?' },
    })
    expect(file).toMatchObject({ code: 6, stderr: expect.stringContaining('none.json') })
    expect(folder).toMatchObject({ code: 6, stderr: '' })
    const files = [{ servers: [] }, { servers: [{ name: 'a' }] }]
    expect(JSON.parse(folder.stdout)).toMatchObject({ ok: false, files })
    expect(instance).toMatchObject({
      code: 7,
      stdout: '',
      stderr: expect.stringMatching(/^\{"error":\{"code":"NO_INSTANCE".*\}\}\n$/),
    })
  })

  it('reads a configuration: check, config, import and doctor', async () => {
    const { run } = folderWith({
      'mcp.json': configOf({ a: stdioServer() }),
      'bad.json': '{ "mcpServers": { "a": {} } }',
    })
    const [connected, bad, path, printed, schema, imported, doctor] = await Promise.all([
      run(['check', 'mcp.json', '--connect', '--timeout', '30s']),
      run(['check', 'bad.json']),
      run(['config', 'path']),
      run(['config', 'print', '-c', 'mcp.json']),
      run(['config', 'schema', '--json']),
      run(['import', 'mcp.json', '--to', 'new.json']),
      run(['doctor'], { MCPVISOR_OUTPUT: 'json' }),
    ])
    expect([connected, bad, imported].map(({ code }) => code)).toEqual([0, 6, 0])
    expect(path.stdout).toContain('mcp.json')
    expect(JSON.parse(printed.stdout)).toMatchObject({ mcpServers: { a: { type: 'stdio' } } })
    expect(JSON.parse(schema.stdout)).toHaveProperty('$schema')
    expect(await run(['check', 'new.json'])).toMatchObject({ code: 0 })
    expect(JSON.parse(doctor.stdout)).toHaveProperty('observations')
  })

  it('is steered while it runs, by every verb for it', async () => {
    const servers = {
      a: stdioServer({ stderr: { mode: 'text', text: 'hello\n' } }),
      b: stdioServer(),
      c: stdioServer(),
    }
    const { cwd, start, run } = folderWith({ 'one.json': configOf({ a: servers.a, c: servers.c }) })
    writeFileSync(join(cwd, 'two.json'), JSON.stringify(configOf({ b: servers.b })))
    const named = ['-c', 'one.json', '-c', 'two.json']
    const instance = start(['run', ...named, '--except', 'c'])
    for (const name of ['a', 'b']) await instance.says(`${name} is ready`)
    const ask = (...args: readonly string[]) => run([...args, ...named])

    const [all, one, json, other, names, judged] = await Promise.all([
      ask('status'),
      ask('status', 'a'),
      run(['status', ...named], { MCPVISOR_OUTPUT: 'json' }),
      run(['status', '-c', 'one.json']),
      ask('status', '--names'),
      ask('status', '--exit-code'),
    ])
    expect(all.stdout).toMatch(/^SERVER +STATE .*\na +ready .*\nb +ready .*\n$/)
    expect(one.stdout).toContain('ready')
    expect(namesIn(json.stdout)).toEqual(['a', 'b'])
    expect(other).toMatchObject({ code: 7 })
    expect(names).toMatchObject({ code: 0, stdout: 'a\nb\n' })
    expect(judged).toMatchObject({ code: 0 })

    const watching = start(['status', ...named, '--watch'])
    await until(() => watching.stdout().includes('b  ready'))
    const following = start(['logs', 'a', '-f', ...named])
    await until(() => following.stdout() === 'hello\n')
    expect((await ask('stop', 'b', '--wait')).stdout).toMatch(/^b +closed/m)
    await until(() => watching.stdout().includes('b  closed'))
    expect((await ask('start', 'b', '--wait', '--timeout', '30s')).stdout).toMatch(/^b +ready/m)
    expect((await ask('restart', 'a', '--wait')).stdout).toMatch(/^a +ready/m)
    await until(() => following.stdout() === 'hello\nhello\n')
    const [tools, call, approve] = await Promise.all([
      ask('tools', 'b'),
      ask('call', 'b.echo', 'text=hi'),
      ask('approve'),
    ])
    expect(tools.stdout).toContain('b.echo')
    expect(call).toMatchObject({ code: 0, stdout: 'hi\n' })
    expect(approve.stderr).toContain('No tool is held')

    await end(instance)
    for (const { ended } of [watching, following]) expect(await ended).toMatchObject({ code: 0 })
    expect(servers.c.pids()).toEqual([])
  })

  it('says by the exit code that a server is not ready', async () => {
    const missing = { command: 'no-such-command', supervisor: { retries: 0 } }
    const { start, run } = folderWith({ 'mcp.json': configOf({ a: stdioServer(), x: missing }) })
    const instance = start(['run', '-c', 'mcp.json'])
    await instance.says('x is failed')
    expect(await run(['status', '-c', 'mcp.json', '--exit-code'])).toMatchObject({ code: 4 })
    expect(await run(['status', 'a', '-c', 'mcp.json', '--exit-code'])).toMatchObject({ code: 0 })
    await end(instance)
  })

  it('serves two clients over stdio beside each other, of which commands reach the first', async () => {
    const server = stdioServer()
    const { start, run } = folderWith({ 'mcp.json': configOf({ a: server }) })
    const first = start(['serve', '-c', 'mcp.json'])
    await first.says('Serving 1 server')
    const second = start(['serve', '-c', 'mcp.json'])
    await second.says('Serving 1 server')
    for (const { child, pid, ended } of [first, second]) {
      const { stdout } = await run(['status', '-c', 'mcp.json', '--json'])
      expect(JSON.parse(stdout)).toMatchObject({ instance: { pid, command: 'serve' } })
      child.stdin?.end()
      expect(await ended).toMatchObject({ code: 0, stdout: '' })
    }
    expect(await run(['status', '-c', 'mcp.json'])).toMatchObject({ code: 7 })
  })

  it('leaves nothing behind when it is killed, and is found to be gone', async () => {
    const servers = { a: stdioServer(), b: stdioServer({ end: 'ignore', term: 'ignore' }) }
    const { start, run } = folderWith({ 'mcp.json': configOf(servers) })
    const instance = start(['run', '-c', 'mcp.json'])
    for (const name of ['a', 'b']) await instance.says(`${name} is ready`)
    instance.child.kill('SIGKILL')
    await instance.ended
    expect(await run(['status', '-c', 'mcp.json'])).toMatchObject({ code: 7 })
    expect((await run(['doctor'])).stdout).toMatch(/note +instance .*is left of an instance that was killed/)
    await until(() => ![...servers.a.pids(), ...servers.b.pids()].some(isRunning))
  })

  it('logs in at a server and out again, and says by its exit code that it has to', async () => {
    const { url } = await protectedServer()
    const { start, run } = folderWith({ 'mcp.json': configOf({ api: { url } }) })
    const ask = (...args: readonly string[]) => run([...args, '-c', 'mcp.json'])
    const hello = ['call', 'api.echo', 'text=hello'] as const
    expect(await ask(...hello)).toMatchObject({ code: 3, stdout: '' })
    const login = start(['auth', 'api', '-c', 'mcp.json'])
    await login.says('paste the address')
    await sayYes(/^http:\/\/\S+$/m.exec(login.stderr())?.[0] ?? '')
    expect(await login.ended).toMatchObject({ code: 0, stdout: 'api: logged in, 9 tools\n' })
    expect(await ask(...hello)).toMatchObject({ code: 0, stdout: 'hello\n' })
    const { code, stdout } = await ask('logout', 'api', '--json')
    expect({ code, ...(JSON.parse(stdout) as object) }).toEqual({ code: 0, server: 'api', revoked: true })
    expect(await ask(...hello)).toMatchObject({ code: 3, stdout: '' })
  })

  /** A client of `mcpvisor serve` over stdio, which it starts itself. */
  async function overStdio(cwd: string) {
    const env = Object.fromEntries(Object.entries(plainEnvironment(cwd)).map(([name, value]) => [name, value ?? '']))
    const args = ['serve', '-c', 'mcp.json']
    const transport = new StdioClientTransport({ command: installed.program, args, cwd, env, stderr: 'ignore' })
    const client = new Client({ name: 'test', version: '1.0.0' })
    await client.connect(transport)
    return { client, pid: transport.pid ?? 0 }
  }

  async function overHttp(start: ReturnType<typeof folderWith>['start']) {
    const serving = start(['serve', '-c', 'mcp.json', '--http', '0', '--no-token'])
    await serving.says('Listening on')
    const [, url = ''] = /Listening on (\S+)/.exec(serving.stderr()) ?? []
    return { client: await legacyClient({ url }), pid: serving.pid }
  }

  it.each(['stdio', 'HTTP'])('leaves nothing behind when it is killed while it serves a call over %s', async (way) => {
    const faults = { end: 'ignore', term: 'ignore', children: ['group', 'own-session'] }
    const servers = { each: stdioServer(faults, { session: 'per-client' }), all: stdioServer(faults) }
    const { cwd, start } = folderWith({ 'mcp.json': configOf(servers) })
    const { client, pid } = await (way === 'HTTP' ? overHttp(start) : overStdio(cwd))
    const calls = ['each', 'all'].map((name) =>
      client.callTool({ name: `${name}__sleep`, arguments: { ms: 600_000 } }).catch((error: unknown) => error),
    )
    const journals = [servers.each, servers.all]
    await until(() => journals.every((server) => server.executed('sleep') === 1))
    const left = () => journals.flatMap((of) => [...of.pids(), ...of.journal.children()]).filter(isRunning)
    expect(left().length).toBeGreaterThanOrEqual(6)
    process.kill(pid, 'SIGKILL')
    await until(() => left().length === 0)
    await client.close()
    for (const outcome of await Promise.all(calls)) expect(outcome).toBeInstanceOf(Error)
  })
})
