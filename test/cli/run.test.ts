import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { configOf, isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { folderOf, runCommand, startCommand, startOnTerminal, type RunningCommand } from './command-line.js'

/** `mcpvisor run` over these entries, once all of them are ready. */
async function running(entries: Readonly<Record<string, unknown>>, ...args: readonly string[]) {
  const cwd = folderOf({ 'mcp.json': configOf(entries) })
  const path = join(cwd, 'mcp.json')
  const command = startCommand(['run', '-c', 'mcp.json', ...args], { cwd })
  for (const name of Object.keys(entries)) await command.says(`${name} is ready`)
  return { command, path }
}

const signal = ({ child }: RunningCommand, name: NodeJS.Signals) => child.kill(name)

describe('mcpvisor run', () => {
  it('P01: lets servers finish at the first signal and leaves none behind', async () => {
    const server = stdioServer()
    const { command } = await running({ server })
    signal(command, 'SIGTERM')
    const { code, stdout, stderr } = await command.ended
    expect(code).toBe(0)
    expect(stdout).toBe('')
    expect(stderr).toContain('Stopping 1 server, 0 calls in flight')
    expect(stderr).toContain('Stopped 1 of 1 server')
    expect(server.journal.lines().map(({ event }) => event)).toContain('stdin-end')
    expect(server.pids().filter(isRunning)).toEqual([])
  })

  it('prints where its live page is, which ends with it', async () => {
    const { command } = await running({ server: stdioServer() }, '--inspect')
    await command.says('Live page: http://127.0.0.1:')
    const [url = ''] = /http:\/\/127\.0\.0\.1:\S+/.exec(command.stderr()) ?? []
    const page = await fetch(url)
    expect(await page.text()).toContain('<title>mcpvisor</title>')
    const chart = await fetch(`${url}charts/server.svg`)
    expect(chart.status).toBe(200)
    signal(command, 'SIGTERM')
    expect(await command.ended).toMatchObject({ code: 0 })
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  it('says by its exit code that it was interrupted', async () => {
    const { command } = await running({ server: stdioServer() })
    signal(command, 'SIGINT')
    expect(await command.ended).toMatchObject({ code: 130 })
  })

  it('P02: kills what does not end at the second signal', async () => {
    const server = stdioServer({ end: 'ignore', term: 'ignore' }, { shutdownTimeoutMs: 60_000 })
    const { command } = await running({ server })
    signal(command, 'SIGINT')
    await command.says('Stopping 1 server')
    signal(command, 'SIGTERM')
    expect(await command.ended).toMatchObject({ code: 143 })
    await until(() => !server.pids().some(isRunning))
  })

  it('leaves no server behind when it is killed itself', async () => {
    const servers = { a: stdioServer(), b: stdioServer({ end: 'ignore', term: 'ignore' }) }
    const { command } = await running(servers)
    signal(command, 'SIGKILL')
    await command.ended
    await until(() => ![...servers.a.pids(), ...servers.b.pids()].some(isRunning))
  })

  it('reloads at SIGHUP and keeps the processes of what did not change', async () => {
    const [kept, added] = [stdioServer(), stdioServer()]
    const { command, path } = await running({ kept })
    writeFileSync(path, JSON.stringify({ mcpServers: { kept: kept.entry, added: added.entry } }))
    signal(command, 'SIGHUP')
    await command.says('added is ready')
    expect(command.stderr()).toContain('Reloaded: added added; unchanged kept')
    expect(kept.pids()).toHaveLength(1)

    writeFileSync(path, '{ "mcpServers": ')
    signal(command, 'SIGHUP')
    await command.says('Reload refused')
    expect([...kept.pids(), ...added.pids()].filter(isRunning)).toHaveLength(2)
    signal(command, 'SIGTERM')
    expect(await command.ended).toMatchObject({ code: 0 })
  })

  it('follows the file, keeps the last good one, and says what is wrong with a broken save', async () => {
    const [kept, added] = [stdioServer(), stdioServer()]
    const { command, path } = await running({ kept }, '--watch')
    writeFileSync(path, '{\n  "mcpServers": { "kept": { "command": 5 } }\n}')
    await command.says('what runs stays as it was: 1 error')
    expect(command.stderr()).toContain(`--> ${path}:2:`)
    writeFileSync(`${path}.new`, JSON.stringify({ mcpServers: { kept: kept.entry, added: added.entry } }))
    renameSync(`${path}.new`, path)
    await command.says('added is ready')
    expect(kept.pids().filter(isRunning)).toHaveLength(1)
    signal(command, 'SIGTERM')
    await command.ended
  })

  it('restarts a server that is killed and tells of it', async () => {
    const server = stdioServer()
    const { command } = await running({ server })
    process.kill(server.pids()[0] ?? 0, 'SIGKILL')
    await until(() => command.stderr().split('server is ready').length === 3)
    expect(command.stderr()).toMatch(/server is retrying: .*, attempt 1 at once$/m)
    signal(command, 'SIGTERM')
    await command.ended
  })

  it('writes records for machines when it is asked to', async () => {
    const server = stdioServer()
    const cwd = folderOf({ 'mcp.json': configOf({ server, odd: { command: 5 } }) })
    const command = startCommand(['run', '--trust', '--log-format', 'json'], { cwd })
    await command.says('"to":"ready"')
    signal(command, 'SIGTERM')
    const { code, stdout, stderr } = await command.ended
    expect(code).toBe(0)
    expect(stdout).toBe('')
    const records = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event?: string; msg: string })
    const events = records.map(({ event }) => event)
    for (const event of ['config.found', 'state.changed', 'supervisor.closed']) expect(events).toContain(event)
  })

  it('writes one record for each transition and each line of stderr when it is piped to a machine', async () => {
    const server = stdioServer({ stderr: { mode: 'text', text: 'one\ntwo\n' } })
    const cwd = folderOf({ 'mcp.json': configOf({ server }) })
    const env = { MCPVISOR_LOG_FORMAT: 'json', MCPVISOR_LOG_LEVEL: 'debug' }
    const command = startCommand(['run', '--trust'], { cwd, env })
    await command.says('"to":"ready"')
    signal(command, 'SIGTERM')
    const { stderr } = await command.ended
    const records = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event?: string; to?: string; line?: string })
    const states = records.flatMap(({ event, to }) => (event === 'state.changed' ? to : []))
    expect(states).toEqual(['uninitialized', 'connecting', 'ready', 'closing', 'closed'])
    expect(records.flatMap(({ event, line }) => (event === 'stderr.written' ? line : []))).toEqual(['one', 'two'])
  })

  it('writes coloured lines and a table on a terminal, and no records', async () => {
    const cwd = folderOf({ 'mcp.json': configOf({ server: stdioServer() }) })
    const command = startOnTerminal(['run', '--trust'], { cwd })
    await until(() => command.stdout().includes('server is \u001b[32mready'))
    command.child.stdin?.write('\u0003')
    const { stdout } = await command.ended
    expect(stdout).toContain('Stopped 1 of 1 server')
    expect(stdout).not.toContain('"level"')
  })

  it('ends in order when nobody reads it any more', async () => {
    const server = stdioServer()
    const { command } = await running({ server })
    command.child.stderr?.destroy()
    process.kill(server.pids()[0] ?? 0, 'SIGKILL')
    expect(await command.ended).toMatchObject({ code: 0 })
    await until(() => !server.pids().some(isRunning))
  })

  it('lets servers finish although its reader ends at the same signal', async () => {
    const server = stdioServer({ end: { mode: 'slow', ms: 300 } })
    const { command } = await running({ server })
    command.child.stderr?.destroy()
    signal(command, 'SIGTERM')
    expect(await command.ended).toMatchObject({ code: 0 })
    expect(server.pids().filter(isRunning)).toEqual([])
  })

  it('refuses a file that cannot be used', async () => {
    const cwd = folderOf({ 'mcp.json': '{ "mcpServers": ' })
    const { code, stderr } = await runCommand(['run', '-c', 'mcp.json'], { cwd })
    expect(code).toBe(6)
    expect(stderr).toContain('mcp.json:1:')
    const records = await runCommand(['run', '-c', 'mcp.json', '--log-format', 'json'], { cwd })
    const lines = records.stderr.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object).at(-1)).toMatchObject({ error: { code: 'CONFIG_INVALID' } })
  })
})
