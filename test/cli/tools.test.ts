import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { configOf, isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { folderOf, runCommand, startCommand } from './command-line.js'

const named = ['-c', 'mcp.json']

describe('mcpvisor tools', () => {
  it('lists the tools of servers that it starts for the moment, and tells of those that cannot be', async () => {
    const server = stdioServer()
    const cwd = folderOf({ 'mcp.json': configOf({ real: server, missing: { command: 'no-such-command' } }) })
    const { code, stdout, stderr } = await runCommand(['tools', ...named], { cwd })
    expect(code).toBe(4)
    expect(stdout).toMatch(/^TOOL +DESCRIPTION\n/)
    expect(stdout).toContain('real.echo')
    expect(stderr).toContain('no-such-command')
    expect(server.pids().filter(isRunning)).toEqual([])
    const json = await runCommand(['tools', ...named, 'r*', '--json'], { cwd })
    expect(json.code).toBe(0)
    const { servers } = JSON.parse(json.stdout) as { servers: { name: string; tools: { name: string }[] }[] }
    expect(servers.map(({ name }) => name)).toEqual(['real'])
    expect(servers[0]?.tools.map(({ name }) => name)).toContain('echo')
    expect((await runCommand(['tools', ...named, 'real', '--schema'], { cwd })).stdout).toContain('"type": "object"')
  })

  it('asks a running instance, and starts nothing then', async () => {
    const server = stdioServer()
    const cwd = folderOf({ 'mcp.json': configOf({ a: server }) })
    const instance = startCommand(['run', ...named], { cwd })
    await instance.says('a is ready')
    expect((await runCommand(['tools', ...named], { cwd })).stdout).toContain('a.echo')
    expect((await runCommand(['call', 'a.echo', 'text=hello', ...named], { cwd })).stdout).toBe('hello\n')
    expect(server.pids()).toHaveLength(1)
    const { stdout } = await runCommand(['status', ...named, '--json'], { cwd })
    expect(JSON.parse(stdout)).toMatchObject({ servers: [{ name: 'a', p50Ms: expect.any(Number) }] })
    instance.child.kill('SIGTERM')
    await instance.ended
  })

  it('says what was meant by a name that is nearly right', async () => {
    const cwd = folderOf({ 'mcp.json': configOf({ github: stdioServer() }) })
    const { code, stderr } = await runCommand(['tools', 'gitub', ...named], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('did you mean "github"?')
  })
})

describe('mcpvisor call', () => {
  const folder = () => {
    const server = stdioServer()
    return { server, cwd: folderOf({ 'mcp.json': configOf({ 'a.b': server }), 'text.txt': 'from a file' }) }
  }

  it('reads each argument as the schema of the tool has it', async () => {
    const { cwd, server } = folder()
    const call = (...args: string[]) => runCommand(['call', ...args, ...named], { cwd })
    const [numbers, text, file, whole, wrong] = await Promise.all([
      call('a.b.add', 'a=1', 'b=2.5'),
      call('a.b.echo', 'text=12'),
      call('a.b.echo', 'text=@text.txt'),
      call('a.b.add', '--args', '{"a":1,"b":1}', 'b:=4'),
      call('a.b.add', 'a=one', '--json'),
    ])
    expect(numbers).toMatchObject({ code: 0, stdout: '3.5\n' })
    expect(text).toMatchObject({ code: 0, stdout: '12\n' })
    expect(file).toMatchObject({ code: 0, stdout: 'from a file\n' })
    expect(whole).toMatchObject({ code: 0, stdout: '5\n' })
    expect(wrong.code).toBe(2)
    expect(JSON.parse(wrong.stderr)).toEqual({
      error: { code: 'USAGE', message: '"a" must be number, got "one"' },
    })
    expect(server.pids().filter(isRunning)).toEqual([])
  })

  it('reads all arguments from stdin', async () => {
    const { cwd } = folder()
    const command = startCommand(['call', 'a.b.echo', '--args', '-', ...named], { cwd })
    command.child.stdin?.end('{"text":"piped"}')
    expect(await command.ended).toMatchObject({ code: 0, stdout: 'piped\n' })
  })

  it('exits 5 for a tool that fails, that answers with an error, or that is not there', async () => {
    const { cwd } = folder()
    const call = (...args: string[]) => runCommand(['call', ...args, ...named], { cwd })
    const [fails, answers, misspelled, nowhere] = await Promise.all([
      call('a.b.fail'),
      call('a.b.rpc-error'),
      call('a.b.ecko', '--json'),
      call('nowhere.echo'),
    ])
    expect(fails).toMatchObject({ code: 5, stdout: '' })
    expect(answers).toMatchObject({ code: 5, stdout: '' })
    expect(misspelled).toMatchObject({ code: 5, stdout: '' })
    expect(JSON.parse(misspelled.stderr)).toMatchObject({
      error: { code: 'TOOL_UNKNOWN', server: 'a.b', hint: 'did you mean "echo"?' },
    })
    expect(nowhere).toMatchObject({ code: 2 })
  })

  it('exits 4 for a server that cannot be started', async () => {
    const cwd = folderOf({ 'mcp.json': configOf({ a: { command: 'no-such-command' } }) })
    const { code, stderr } = await runCommand(['call', 'a.b', ...named, '--json'], { cwd })
    expect(code).toBe(4)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'SPAWN_FAILED', server: 'a' } })
  })

  it('cancels the call at Ctrl-C, tells its progress on stderr, and leaves no server behind', async () => {
    const { cwd, server } = folder()
    const command = startCommand(['call', 'a.b.sleep', 'ms=600000', ...named], { cwd })
    await until(() => server.executed('sleep') === 1)
    command.child.kill('SIGINT')
    expect(await command.ended).toMatchObject({ code: 130, stdout: '' })
    expect(server.received('notifications/cancelled')).toBe(1)
    expect(server.pids().filter(isRunning)).toEqual([])
    const slow = await runCommand(['call', 'a.b.sleep', 'ms=100', ...named], { cwd })
    expect(slow.stdout).toBe('slept 100\n')
    expect(slow.stderr).toContain(' of ')
  })

  it('leaves no server behind when it is killed', async () => {
    const { cwd, server } = folder()
    const command = startCommand(['call', 'a.b.sleep', 'ms=600000', ...named], { cwd })
    await until(() => server.executed('sleep') === 1)
    command.child.kill('SIGKILL')
    await command.ended
    await until(() => !server.pids().some(isRunning))
  })

  it('starts nothing of a file that was merely found', async () => {
    const { cwd, server } = folder()
    expect(await runCommand(['call', 'a.b.echo', 'text=x'], { cwd })).toMatchObject({ code: 2 })
    writeFileSync(join(cwd, 'other.json'), '{}')
    expect(server.pids()).toEqual([])
  })
})
