import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { answered, legacyClient } from '../gateway/gateway-bench.js'
import { configOf, isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { folderOf, startCommand } from './command-line.js'

/** `mcpvisor serve --http` over these entries, and a client of it. */
async function serving(entries: Readonly<Record<string, unknown>>) {
  const cwd = folderOf({ 'mcp.json': configOf(entries) })
  const command = startCommand(['serve', '-c', 'mcp.json', '--http', '0', '--no-token'], { cwd })
  await command.says('Listening on')
  const [, url = ''] = /Listening on (\S+)/.exec(command.stderr()) ?? []
  return { path: join(cwd, 'mcp.json'), command, client: await legacyClient({ url }) }
}

describe('mcpvisor serve', () => {
  it('reloads at SIGHUP: a client keeps its session and the processes of what did not change', async () => {
    const [kept, added] = [stdioServer(), stdioServer()]
    const { command, client, path } = await serving({ kept })
    expect(answered(await client.callTool({ name: 'kept__echo', arguments: { text: 'before' } }))).toBe('before')
    writeFileSync(path, JSON.stringify(configOf({ kept, added })))
    command.child.kill('SIGHUP')
    await command.says('Reloaded: added added; unchanged kept')
    expect(answered(await client.callTool({ name: 'added__echo', arguments: { text: 'after' } }))).toBe('after')

    writeFileSync(path, '{ "mcpServers": ')
    command.child.kill('SIGHUP')
    await command.says('Reload refused')
    expect(answered(await client.callTool({ name: 'kept__echo', arguments: { text: 'still' } }))).toBe('still')
    expect(kept.pids()).toHaveLength(1)
    command.child.kill('SIGTERM')
    expect(await command.ended).toMatchObject({ code: 0 })
  })

  it('kills what does not end at the second signal, with a client still there', async () => {
    const server = stdioServer({ end: 'ignore', term: 'ignore' }, { shutdownTimeoutMs: 60_000 })
    const { command, client } = await serving({ server })
    expect(answered(await client.callTool({ name: 'server__echo', arguments: { text: 'x' } }))).toBe('x')
    command.child.kill('SIGTERM')
    await command.says('Stopping 1 server')
    command.child.kill('SIGTERM')
    expect(await command.ended).toMatchObject({ code: 143 })
    await until(() => !server.pids().some(isRunning))
  })
})
