import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { configOf, stdioServer } from '../support/fixture-servers.js'
import { folderOf, runCommand, runOnTerminal, startCommand } from './command-line.js'

describe('a file that was found, not named', () => {
  it('is checked without a question, but starts nothing unasked', async () => {
    const server = stdioServer()
    const cwd = folderOf({ '.mcp.json': { mcpServers: { found: server.entry } } })
    expect(await runCommand(['check'], { cwd })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('.mcp.json'),
    })
    for (const args of [['check', '--connect'], ['run'], ['run', '--watch']]) {
      const { code, stderr } = await runCommand(args, { cwd })
      expect(code).toBe(2)
      expect(stderr).toContain('--trust')
    }
    expect(server.pids()).toEqual([])
  })

  it('is started when it is trusted or named', async () => {
    const server = stdioServer()
    const cwd = folderOf({ '.mcp.json': { mcpServers: { found: server.entry } } })
    expect(await runCommand(['check', '--connect', '--trust'], { cwd })).toMatchObject({ code: 0 })
    expect(await runCommand(['check', '--connect', '-c', '.mcp.json'], { cwd })).toMatchObject({ code: 0 })
    expect(await runCommand(['check', '--connect', '.mcp.json'], { cwd })).toMatchObject({ code: 0 })
    expect(server.pids()).toHaveLength(3)
  })

  it('is asked about on a terminal, once for each entry as it is', async () => {
    const server = stdioServer()
    const config = { mcpServers: { found: server.entry } }
    const cwd = folderOf({ '.mcp.json': config })
    const connect = ['check', '--connect']
    expect(await runOnTerminal(connect, 'n\n', { cwd })).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('Nothing was started'),
    })
    expect(server.pids()).toEqual([])

    const agreed = await runOnTerminal(connect, 'y\n', { cwd })
    expect(agreed.code).toBe(0)
    expect(agreed.stdout).toContain(process.execPath)
    expect(agreed.stdout).toContain('(given JOURNAL)')
    expect(await runCommand(connect, { cwd })).toMatchObject({ code: 0 })

    writeFileSync(
      join(cwd, '.mcp.json'),
      JSON.stringify({ mcpServers: { found: { ...server.entry, description: 'for people' } } }),
    )
    expect(await runCommand(connect, { cwd })).toMatchObject({ code: 0 })
    writeFileSync(
      join(cwd, '.mcp.json'),
      JSON.stringify({ mcpServers: { found: { ...server.entry, args: ['other.js'] } } }),
    )
    expect(await runCommand(connect, { cwd })).toMatchObject({ code: 2 })
  })

  it('is not reloaded with an entry that nobody has agreed to', async () => {
    const [agreed, news] = [stdioServer(), stdioServer()]
    const cwd = folderOf({ '.mcp.json': configOf({ agreed }) })
    await runOnTerminal(['check', '--connect'], 'y\n', { cwd })
    const command = startCommand(['run'], { cwd })
    await command.says('agreed is ready')
    writeFileSync(join(cwd, '.mcp.json'), JSON.stringify(configOf({ agreed, news })))
    command.child.kill('SIGHUP')
    await command.says('Not reloaded: nobody has agreed yet to start news')
    command.child.kill('SIGTERM')
    expect(await command.ended).toMatchObject({ code: 0 })
    expect(news.pids()).toEqual([])
  })
})
