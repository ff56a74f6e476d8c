import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { configOf, isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { tool } from '../support/pinned-server.js'
import { type RunningCommand, folderOf, runCommand, startCommand } from './command-line.js'
import { talkTo } from './control-socket.js'

const named = ['-c', 'mcp.json']

/** An instance over these entries, and commands that ask it. */
async function running(entries: Readonly<Record<string, unknown>>, ready = Object.keys(entries)) {
  const cwd = folderOf({ 'mcp.json': configOf(entries) })
  const instance = startCommand(['run', ...named], { cwd })
  for (const name of ready) await instance.says(`${name} is ready`)
  return {
    cwd,
    instance,
    ask: (...args: readonly string[]) => runCommand([...args, ...named], { cwd }),
    follow: (...args: readonly string[]) => startCommand([...args, ...named], { cwd }),
  }
}

async function end({ child, ended }: RunningCommand) {
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0 })
}

const failuresOf = (stderr: string) =>
  stderr
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { error: Record<string, unknown> }).error)

describe('mcpvisor start, stop and restart', () => {
  it('close a server until it is started, and replace its process', async () => {
    const server = stdioServer()
    const { ask, instance } = await running({ a: server })
    expect((await ask('stop', 'a', '--wait')).stdout).toMatch(/^a +closed/m)
    expect(server.pids().filter(isRunning)).toEqual([])
    expect((await ask('start', 'a', '--wait', '--timeout', '30s')).stdout).toMatch(/^a +ready/m)
    expect((await ask('restart', '*', '--wait')).stdout).toMatch(/^a +ready/m)
    expect(server.pids()).toHaveLength(3)
    expect(server.pids().filter(isRunning)).toHaveLength(1)
    await end(instance)
  })

  it('tell each server that cannot be started, on a line of its own', async () => {
    const missing = { command: 'no-such-command', supervisor: { start: 'lazy' } }
    const { ask, instance } = await running({ a: stdioServer(), x: missing, y: missing }, ['a'])
    const { code, stdout, stderr } = await ask('start', 'x', 'a', 'y', '--wait', '--json')
    expect(code).toBe(4)
    const { servers } = JSON.parse(stdout) as { servers: { name: string }[] }
    expect(servers.map(({ name }) => name)).toEqual(['a', 'x', 'y'])
    expect(failuresOf(stderr).map(({ code: of, server }) => [of, server])).toEqual([
      ['SPAWN_FAILED', 'x'],
      ['SPAWN_FAILED', 'y'],
    ])
    await end(instance)
  })
})

describe('mcpvisor status', () => {
  it('tells of one server what befell it and what of it failed, as the instance did when it happened', async () => {
    const server = stdioServer({ stderr: { mode: 'text', text: 'last words\n' } })
    const { ask, instance } = await running({ a: server })
    expect(await ask('call', 'a.rpc-error')).toMatchObject({ code: 5 })
    await instance.says('a: rpc-error failed: Server "a" answered with error -32042')
    process.kill(server.pids()[0] ?? 0, 'SIGKILL')
    await until(() => instance.stderr().split('a is ready').length === 3)
    const { stdout } = await ask('status', 'a')
    expect(stdout).toMatch(/^Server "a" is ready with \d+ tools after 1 restart\.$/m)
    expect(stdout).toMatch(/ retrying +the connection was lost: .*SIGKILL/)
    expect(stdout).toMatch(/^Calls that failed\n.*rpc-error: Server "a" answered with error -32042/m)
    expect(stdout).toMatch(/^What it wrote to stderr\n {2}last words/m)
    await end(instance)
  })
})

describe('mcpvisor logs', () => {
  it('prints the last lines, and follows until the instance ends', async () => {
    const { ask, follow, instance } = await running({
      a: stdioServer({ stderr: { mode: 'text', text: 'one\ntwo\nthree\n' } }),
    })
    expect(await ask('logs', 'a', '-n', '2')).toMatchObject({ code: 0, stdout: 'two\nthree\n' })
    expect(JSON.parse((await ask('logs', 'a', '-n', '1', '--json')).stdout)).toMatchObject({
      lines: [{ line: 'three' }],
    })
    const following = follow('logs', 'a', '-f', '-n', '1')
    await until(() => following.stdout() === 'three\n')
    await ask('restart', 'a', '--wait')
    await until(() => following.stdout() === 'three\none\ntwo\nthree\n')
    await end(instance)
    expect(await following.ended).toMatchObject({ code: 0, stderr: 'The instance has ended\n' })
  })

  it('says how many lines a follower missed that was too slow', async () => {
    const server = stdioServer({ stderr: { mode: 'flood', bytes: 200_000 } })
    const { cwd, follow, instance } = await running({ a: server })
    const following = follow('logs', 'a', '-f', '-n', '1')
    await until(() => following.stdout() !== '')
    following.child.kill('SIGSTOP')
    const { say, hear } = talkTo(cwd)
    await hear()
    // More than the socket holds and what is kept beside it: 200 lines of a kilobyte each time.
    for (let id = 1; id <= 12; id++) {
      say(JSON.stringify({ id, method: 'restart', params: { server: 'a', wait: true } }))
      expect(await hear()).toEqual({ id, result: null })
    }
    following.child.kill('SIGCONT')
    await following.says('lines missed: they came faster than they were read')
    await end(instance)
    expect(await following.ended).toMatchObject({ code: 0 })
  })
})

describe('mcpvisor call', () => {
  it('says that the tool may have run when the instance is killed meanwhile', async () => {
    const server = stdioServer()
    const { follow, instance } = await running({ a: server })
    const call = follow('call', 'a.sleep', 'ms=600000', '--json')
    await until(() => server.executed('sleep') === 1)
    instance.child.kill('SIGKILL')
    const { code, stdout, stderr } = await call.ended
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
    const error = { code: 'NO_INSTANCE', delivered: 'maybe', hint: expect.stringContaining('may have run') }
    expect(failuresOf(stderr.split('\n').at(-2) ?? '')).toMatchObject([error])
    await until(() => !server.pids().some(isRunning))
  })

  it('asks the server again before it says that there is no such tool', async () => {
    const path = join(folderOf({ 'tools.json': [tool('old')] }), 'tools.json')
    const { ask, instance } = await running({ a: stdioServer({ tools: { mode: 'file', path } }) })
    expect(await ask('call', 'a.new', '--json')).toMatchObject({ code: 5, stdout: '' })
    // The server does not say that it has another.
    writeFileSync(path, JSON.stringify([tool('new')]))
    expect(await ask('call', 'a.new')).toMatchObject({ code: 0, stdout: 'new\n' })
    await end(instance)
  })
})

describe('mcpvisor tools', () => {
  it('has in its document the servers that answered, and a line on stderr for each that did not', async () => {
    const cwd = folderOf({
      'mcp.json': configOf({ a: stdioServer(), x: { command: 'none-x' }, y: { command: 'none-y' } }),
    })
    const { code, stdout, stderr } = await runCommand(['tools', ...named, '--json'], { cwd })
    expect(code).toBe(4)
    const { servers } = JSON.parse(stdout) as { servers: object[] }
    expect(servers).toMatchObject([{ name: 'a' }])
    expect(servers).toHaveLength(1)
    expect(failuresOf(stderr).map(({ server }) => server)).toEqual(['x', 'y'])
  })
})
