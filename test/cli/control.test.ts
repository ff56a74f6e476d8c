import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { configOf, isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { type RunningCommand, folderOf, runCommand, startCommand } from './command-line.js'
import { controlFolderOf, socketsOf, talkTo } from './control-socket.js'

async function running(entries: Readonly<Record<string, unknown>>, ...args: readonly string[]) {
  const cwd = folderOf({ 'mcp.json': configOf(entries) })
  const command = startCommand(['run', '-c', 'mcp.json', ...args], { cwd })
  for (const name of Object.keys(entries)) await command.says(`${name} is ready`)
  return { cwd, command }
}

async function stop({ child, ended }: RunningCommand) {
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0 })
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.on('close', () => resolve()))

describe('the control socket', () => {
  it('is for the user alone, and is gone when the instance ends', async () => {
    const { cwd, command } = await running({ a: stdioServer() })
    const [name = '', ...others] = socketsOf(cwd)
    expect(others).toEqual([])
    expect(lstatSync(controlFolderOf(cwd)).mode & 0o777).toBe(0o700)
    expect(lstatSync(join(controlFolderOf(cwd), name)).mode & 0o777).toBe(0o600)
    await stop(command)
    expect(socketsOf(cwd)).toEqual([])
  })

  it('refuses a second instance of a configuration with the pid of the first, before it starts anything', async () => {
    const server = stdioServer()
    const { cwd, command } = await running({ a: server })
    const { code, stderr } = await runCommand(['run', '-c', 'mcp.json'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain(`mcpvisor run, pid ${command.pid}`)
    expect(server.pids()).toHaveLength(1)
    await stop(command)
  })

  it('is shared by nothing else: instances of two configurations run beside each other', async () => {
    const { cwd, command } = await running({ a: stdioServer() })
    writeFileSync(join(cwd, 'other.json'), JSON.stringify(configOf({ b: stdioServer() })))
    const other = startCommand(['run', '-c', 'other.json'], { cwd })
    await other.says('b is ready')
    expect((await runCommand(['status', '-c', 'other.json'], { cwd })).stdout).toContain('b ')
    const { code, stderr } = await runCommand(['status', '-c', 'third.json'], { cwd })
    expect(code).toBe(7)
    expect(stderr).toContain('other.json')
    await Promise.all([stop(command), stop(other)])
  })

  it('of a killed instance is replaced, and its servers are gone', async () => {
    const server = stdioServer()
    const { cwd, command } = await running({ a: server })
    command.child.kill('SIGKILL')
    await command.ended
    expect(socketsOf(cwd)).toHaveLength(1)
    expect(await runCommand(['status', '-c', 'mcp.json', '--json'], { cwd })).toMatchObject({ code: 7 })
    await until(() => !server.pids().some(isRunning))
    const next = startCommand(['run', '-c', 'mcp.json'], { cwd })
    await next.says('a is ready')
    expect(await runCommand(['status', '-c', 'mcp.json'], { cwd })).toMatchObject({ code: 0 })
    await stop(next)
    expect(socketsOf(cwd)).toEqual([])
  })

  it('of a killed instance is taken over by exactly one of those that start at the same time', async () => {
    const { cwd, command } = await running({ a: stdioServer() })
    command.child.kill('SIGKILL')
    await command.ended
    const all = [1, 2, 3].map(() => startCommand(['run', '-c', 'mcp.json'], { cwd }))
    const refused = await Promise.race([
      Promise.all([all[0]?.ended, all[1]?.ended]),
      Promise.all([all[0]?.ended, all[2]?.ended]),
      Promise.all([all[1]?.ended, all[2]?.ended]),
    ])
    expect(refused.map((ended) => ended?.code)).toEqual([2, 2])
    const last = all.find(({ child }) => child.exitCode === null)
    await last?.says('a is ready')
    expect(await runCommand(['status', '-c', 'mcp.json'], { cwd })).toMatchObject({ code: 0 })
    if (last) await stop(last)
  })

  it.each([
    ['others may enter', (folder: string) => mkdirSync(folder, { mode: 0o755 })],
    ['is a link', (folder: string) => symlinkSync('/tmp', folder)],
    ['is no folder', (folder: string) => writeFileSync(folder, '')],
  ])('is not put into a folder that %s', async (_, make) => {
    const cwd = folderOf({ 'mcp.json': configOf({ a: stdioServer() }) })
    mkdirSync(join(cwd, 'runtime'), { mode: 0o700 })
    make(controlFolderOf(cwd))
    for (const verb of ['run', 'status']) {
      const { code, stderr } = await runCommand([verb, '-c', 'mcp.json'], { cwd })
      expect(code).toBe(1)
      expect(stderr).toContain('cannot hold control sockets')
    }
  })

  it('greets, and answers what cannot be understood with why, whoever asks', async () => {
    const { cwd, command } = await running({ a: stdioServer() })
    const { say, hear } = talkTo(cwd)
    expect(await hear()).toMatchObject({ control: 1, pid: command.pid, command: 'run', paths: [join(cwd, 'mcp.json')] })
    say('nonsense')
    expect(await hear()).toMatchObject({ id: -1, error: { code: 'CONTROL_INVALID' } })
    say(JSON.stringify({ id: 1, method: 'explode', params: {} }))
    expect(await hear()).toMatchObject({ id: -1, error: { code: 'CONTROL_INVALID' } })
    say(JSON.stringify({ id: 2, method: 'logs', params: { server: 'a' } }))
    expect(await hear()).toMatchObject({ id: 2, error: { code: 'CONTROL_INVALID' } })
    say(JSON.stringify({ id: 3, method: 'tools', params: { server: 'b' } }))
    expect(await hear()).toMatchObject({ id: 3, error: { code: 'SERVER_UNKNOWN' } })
    say(JSON.stringify({ id: 4, method: 'status', params: {} }))
    expect(await hear()).toMatchObject({ id: 4, result: [{ name: 'a', state: 'ready' }] })
    await stop(command)
  })

  it('ends a connection that sends a line without end, and no other', async () => {
    const { cwd, command } = await running({ a: stdioServer() })
    const { socket } = talkTo(cwd)
    const end = closed(socket)
    socket.on('error', () => {})
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    for (let n = 0; n < 14; n++) socket.write(chunk)
    await end
    expect(await runCommand(['status', '-c', 'mcp.json'], { cwd })).toMatchObject({ code: 0 })
    await stop(command)
  })

  it('cancels the calls of an asker that goes away', async () => {
    const server = stdioServer()
    const { cwd, command } = await running({ a: server })
    const { socket, say } = talkTo(cwd)
    say(JSON.stringify({ id: 1, method: 'call', params: { server: 'a', tool: 'sleep', args: { ms: 60_000 } } }))
    await until(() => server.executed('sleep') === 1)
    socket.destroy()
    await until(() => server.received('notifications/cancelled') === 1)
    await stop(command)
  })

  it('keeps an instance that ends waiting for nobody who listens', async () => {
    const { cwd, command } = await running({ a: stdioServer() })
    const { say, hear, socket } = talkTo(cwd)
    await hear()
    const end = closed(socket)
    say(JSON.stringify({ id: 1, method: 'watch', params: {} }))
    expect(await hear()).toMatchObject({ id: 1, item: [{ name: 'a' }] })
    await stop(command)
    await end
  })
})
