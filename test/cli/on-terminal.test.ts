/** What a person sees and types: commands on a pseudo-terminal, which `script` gives. Both outputs are one there. */
import { describe, expect, it } from 'vitest'

import { configOf, isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { folderOf, isThere, mainPath, runCommand, startCommand, startOnTerminal } from './command-line.js'
import { socketsOf, talkTo } from './control-socket.js'

const ctrlC = '\u0003'

/** Without `script`, which is part of util-linux, these tests are skipped. */
const canType = isThere('script')

/** `mcpvisor run` over these entries on a terminal, once all of them are in its table. */
async function running(entries: Readonly<Record<string, unknown>>) {
  const cwd = folderOf({ 'mcp.json': configOf(entries) })
  const { child, stdout, ended } = startOnTerminal(['run', '-c', 'mcp.json', '--no-color'], { cwd })
  const shows = (pattern: RegExp) => until(() => pattern.test(screenOf(stdout())))
  for (const name of Object.keys(entries)) await shows(new RegExp(`^${name.slice(0, 10)}.* ready`, 'm'))
  return { cwd, shows, ended, screen: () => screenOf(stdout()), type: (keys: string) => void child.stdin?.write(keys) }
}

/** What stands on the screen: each move up takes away what was below. */
function screenOf(written: string): string {
  const [first = '', ...redrawn] = written.replaceAll('\r\n', '\n').split('\u001b[')
  return redrawn.reduce((screen, part) => {
    const [, up] = /^(\d+)A\r/.exec(part) ?? []
    if (up !== undefined)
      return (
        screen
          .split('\n')
          .slice(0, -1 - Number(up))
          .join('\n') + '\n'
      )
    return screen + part.replace(/^0J/, '')
  }, first)
}

describe.skipIf(!canType)('mcpvisor run on a terminal', () => {
  it('shows one table that follows every change, below what it tells', async () => {
    const server = stdioServer()
    const { shows, screen, type, ended } = await running({ a: server, b: stdioServer() })
    const [pid = 0] = server.pids()
    await shows(new RegExp(`^SERVER +STATE +PID +.*RESTARTS +IN FLIGHT.*\\na +ready +${pid} `, 'm'))
    process.kill(pid, 'SIGKILL')
    await until(() => server.pids().length === 2)
    await shows(new RegExp(`^a +ready +${server.pids()[1]} .*ago: `, 'm'))
    expect(screen().match(/^SERVER /gm)).toHaveLength(1)
    type(ctrlC)
    const { code, stdout } = await ended
    expect(code).toBe(130)
    expect(stdout).toContain('Stopping 2 servers, 0 calls in flight')
    expect(screen()).not.toContain('SERVER ')
    expect(screen()).toContain('Stopped 2 of 2 servers')
  })

  it('lets calls finish at the first Ctrl-C, whose number it tells, and kills at the second', async () => {
    const server = stdioServer({}, { drainTimeoutMs: 600_000 })
    const { cwd, shows, screen, type, ended } = await running({ a: server })
    const { say } = talkTo(cwd)
    say(JSON.stringify({ id: 1, method: 'call', params: { server: 'a', tool: 'sleep', args: { ms: 600_000 } } }))
    await until(() => server.executed('sleep') === 1)
    await shows(/^a +ready +\d+ .* 1 +- /m)
    type(ctrlC)
    await shows(/Stopping 1 server, 1 call in flight; a second signal kills them/)
    expect(server.pids().filter(isRunning)).toHaveLength(1)
    type(ctrlC)
    expect(await ended).toMatchObject({ code: 130 })
    expect(screen()).toContain('Killed what was left')
    await until(() => !server.pids().some(isRunning))
  })

  it('lets calls finish at the first Ctrl-C', async () => {
    const server = stdioServer()
    const { cwd, type, ended } = await running({ a: server })
    const { say, hear } = talkTo(cwd)
    say(JSON.stringify({ id: 1, method: 'call', params: { server: 'a', tool: 'sleep', args: { ms: 700 } } }))
    await until(() => server.executed('sleep') === 1)
    type(ctrlC)
    let heard: Record<string, unknown> = await hear()
    while (!('result' in heard)) heard = await hear()
    expect(heard).toMatchObject({ id: 1, result: { content: [{ text: 'slept 700' }] } })
    expect(await ended).toMatchObject({ code: 130 })
  })
})

describe.skipIf(!canType)('mcpvisor run whose terminal is closed', () => {
  it.each([['--no-color'], ['--quiet']])(
    'ends in order, although a signal to reload comes then, with %s',
    async (option) => {
      const server = stdioServer()
      const cwd = folderOf({ 'mcp.json': configOf({ a: server }) })
      const { child } = startOnTerminal(['run', '-c', 'mcp.json', option], { cwd })
      await until(() => server.received('tools/list') === 1)
      child.kill('SIGKILL')
      await until(() => socketsOf(cwd).length === 0)
      expect(server.journal.lines().map(({ event }) => event)).toContain('stdin-end')
      await until(() => !server.pids().some(isRunning))
    },
  )
})

/** An instance without a terminal, and what another terminal shows of it. */
async function watching(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const server = stdioServer()
  const cwd = folderOf({ 'mcp.json': configOf({ a: server }) })
  const instance = startCommand(['run', '-c', 'mcp.json'], { cwd })
  await instance.says('a is ready')
  const { child, stdout, ended } = startOnTerminal(['status', '--watch', '-c', 'mcp.json', ...args], { cwd, env })
  await until(() => stdout().includes('SERVER'))
  const shows = (pattern: RegExp) => until(() => pattern.test(screenOf(stdout())))
  return { server, cwd, instance, child, shows, screen: () => screenOf(stdout()), ended }
}

describe.skipIf(!canType)('mcpvisor status --watch on a terminal', () => {
  it('shows one table that follows every change until the instance ends', async () => {
    const { server, cwd, instance, shows, screen, ended } = await watching(['--no-color'])
    const [pid = 0] = server.pids()
    await shows(new RegExp(`^SERVER +STATE +PID +.*\\na +ready +${pid} `, 'm'))
    process.kill(pid, 'SIGKILL')
    await until(() => server.pids().length === 2)
    await shows(new RegExp(`^a +ready +${server.pids()[1]} .*ago: `, 'm'))
    await runCommand(['stop', 'a', '--wait', '-c', 'mcp.json'], { cwd })
    await shows(/^a +closed +- /m)
    expect(screen().match(/^SERVER /gm)).toHaveLength(1)
    instance.child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 0 })
    expect(screen()).toMatch(/^SERVER .*\na +closed .*\nThe instance has ended\n$/m)
    expect(await instance.ended).toMatchObject({ code: 0 })
  })

  it('leaves the instance as it is at Ctrl-C', async () => {
    const { server, instance, child, ended } = await watching([])
    child.stdin?.write(ctrlC)
    expect(await ended).toMatchObject({ code: 130 })
    expect(server.pids().filter(isRunning)).toHaveLength(1)
    instance.child.kill('SIGTERM')
    expect(await instance.ended).toMatchObject({ code: 0 })
  })
})

describe.skipIf(!canType)('NO_COLOR on a terminal', () => {
  const coloured = new RegExp(`${'\u001b'}\\[[\\d;]+m`)

  it.each([
    ['leaves the live tables as they are, without a colour', { NO_COLOR: '1' }, false],
    ['has no effect when it is empty, as its specification has it', { NO_COLOR: '' }, true],
  ])('%s', async (_, env, hasColours) => {
    const { instance, cwd, child, ended } = await watching([], env)
    child.stdin?.write(ctrlC)
    const watched = await ended
    instance.child.kill('SIGTERM')
    await instance.ended
    const run = startOnTerminal(['run', '-c', 'mcp.json'], { cwd, env })
    await until(() => /\na +\S*ready/.test(run.stdout()))
    run.child.stdin?.write(ctrlC)
    const refused = await startOnTerminal(['status', '-c', 'mcp.json', '--wrong'], { cwd, env }).ended
    for (const { stdout } of [watched, await run.ended, refused]) expect(coloured.test(stdout)).toBe(hasColours)
  })
})

describe.skipIf(!canType)('a table on a narrow terminal', () => {
  it('leaves out columns and cuts what is left, so that no line is broken', async () => {
    const long = 'a-server-whose-name-is-longer-than-the-terminal-is-wide'
    const { cwd, type, ended } = await running({ a: stdioServer(), [long]: stdioServer() })
    const program = ['sh', '-c', 'stty cols 30; exec "$@"', 'sh', process.execPath, mainPath] as const
    const { code, stdout } = await startOnTerminal(['status', '-c', 'mcp.json', '--no-color'], { cwd, program }).ended
    expect(code).toBe(0)
    const lines = stdout.trim().split(/\r?\n/)
    expect(lines.map((line) => line.slice(0, 8))).toEqual(['SERVER  ', 'a       ', 'a-server'])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(30)
    expect(lines[2]).toMatch(/… +ready\b/)
    type(ctrlC)
    await ended
  })
})
