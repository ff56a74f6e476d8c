import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { configJsonSchema } from '../../src/config/index.js'
import { folderOf, runCommand } from './command-line.js'

describe('mcpvisor config', () => {
  it('prints the JSON Schema', async () => {
    const { code, stdout } = await runCommand(['config', 'schema'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual(configJsonSchema())
  })

  it('prints what a server is started with, and no value of its environment or headers', async () => {
    const config = {
      mcpServers: {
        a: { command: 'node', args: ['--key', '${CLI_KEY}'], env: { KEY: '${CLI_KEY}', PIN: '123' } },
        b: { url: 'https://example.com/mcp?key=${CLI_KEY}', headers: { Authorization: 'Bearer ${CLI_KEY}' } },
        c: { command: '${CLI_MISSING}' },
      },
    }
    const cwd = folderOf({ 'mcp.json': config })
    const { code, stdout } = await runCommand(['config', 'print', '-c', 'mcp.json'], {
      cwd,
      env: { CLI_KEY: 'sk-very-secret' },
    })
    expect(code).toBe(6)
    expect(stdout).not.toMatch(/sk-very-secret|123/)
    expect(JSON.parse(stdout)).toMatchObject({
      mcpServers: {
        a: {
          type: 'stdio',
          command: 'node',
          args: ['--key', '***'],
          env: { KEY: '***', PIN: '***' },
          supervisor: { retries: 3 },
        },
        b: { url: 'https://example.com/mcp?key=***', headers: { Authorization: '***' } },
        c: { error: 'Server "c" needs CLI_MISSING, which is not set' },
      },
    })
  })

  it('looks for the nearest file up to the root of the repository, then for the own one', async () => {
    const home = folderOf()
    const [repository, inner] = [join(home, 'repository'), join(home, 'repository', 'inner')]
    mkdirSync(join(repository, '.git'), { recursive: true })
    mkdirSync(inner)
    mkdirSync(join(home, 'config', 'mcpvisor'), { recursive: true })
    const env = { XDG_CONFIG_HOME: join(home, 'config') }
    const path = () => runCommand(['config', 'path'], { cwd: inner, env })
    expect(await path()).toMatchObject({ code: 6, stdout: '' })
    const { stderr } = await runCommand(['config', 'path', '--json'], { cwd: inner, env })
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'CONFIG_INVALID', message: 'No configuration file was found' },
    })

    // Above the repository is not looked at.
    for (const file of [join(home, 'mcp.json'), join(home, 'config', 'mcpvisor', 'mcp.json')]) writeFileSync(file, '{}')
    expect((await path()).stdout.trim()).toBe(join(home, 'config', 'mcpvisor', 'mcp.json'))
    writeFileSync(join(repository, 'mcpvisor.jsonc'), '{}')
    expect((await path()).stdout.trim()).toBe(join(repository, 'mcpvisor.jsonc'))
    writeFileSync(join(inner, 'mcp.json'), '{}')
    expect((await path()).stdout.trim()).toBe(join(inner, 'mcp.json'))
    const named = await runCommand(['config', 'path', '--json'], {
      cwd: inner,
      env: { ...env, MCPVISOR_CONFIG: '../mcpvisor.jsonc' },
    })
    expect(JSON.parse(named.stdout)).toMatchObject({
      path: join(repository, 'mcpvisor.jsonc'),
      trace: [{ exists: true }],
    })
  })
})
