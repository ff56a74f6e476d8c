import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'

import { type SupervisorEvent, createSupervisor } from '../../src/index.js'
import { configOf, stdioServer, until } from '../support/fixture-servers.js'

function fileOf(config: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvisor-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'mcp.json')
  writeFileSync(path, JSON.stringify(config))
  return path
}

/** A supervisor that follows a file of these servers, and what it tells of the file. */
function follow(servers: Readonly<Record<string, unknown>>) {
  const config = configOf(servers)
  const configPath = fileOf(config)
  const supervisor = createSupervisor(config, { configPath, watch: true })
  onTestFinished(async () => void (await supervisor.close()))
  const told: SupervisorEvent[] = []
  supervisor.on('*', (event) => void (event.type.startsWith('config.') && told.push(event)))
  return { supervisor, configPath, told, save: (text: string) => writeFileSync(configPath, text) }
}

describe('a supervisor that watches its file', () => {
  it('reloads what is saved and leaves unchanged servers alone', async () => {
    const [kept, changed] = [stdioServer(), stdioServer()]
    const { supervisor, told, save } = follow({ kept, changed })
    await Promise.all([supervisor.connect('kept'), supervisor.connect('changed')])
    const { pid } = supervisor.status('kept')

    save(
      JSON.stringify(configOf({ kept, changed: { ...changed.entry, args: [...(changed.entry.args ?? []), 'more'] } })),
    )
    await until(() => told.length > 0)
    expect(told).toEqual([
      {
        type: 'config.reloaded',
        report: { ok: true, added: [], removed: [], updated: ['changed'], unchanged: ['kept'], failed: {} },
      },
    ])
    expect(supervisor.status('kept')).toMatchObject({ state: 'ready', pid })
  })

  it('tells nothing of the file that the host has read itself', async () => {
    const { supervisor, told, save } = follow({})
    save(JSON.stringify(configOf({ only: stdioServer() })))
    await until(() => told.length > 0)
    expect(told).toMatchObject([{ type: 'config.reloaded', report: { added: ['only'] } }])
    expect(supervisor.servers()).toEqual(['only'])
  })

  it('keeps the last good configuration when a save is broken, and says where', async () => {
    const { supervisor, configPath, told, save } = follow({ kept: stdioServer() })
    save('{\n  "mcpServers": { "kept": { "command": "node", "env": "KEY=sk-hidden" } }\n}')
    await until(() => told.length > 0)
    expect(told).toMatchObject([
      {
        type: 'config.refused',
        path: configPath,
        error: { code: 'CONFIG_INVALID', phase: 'config' },
        findings: [{ code: 'bad-env', severity: 'error', server: 'kept', line: 2 }],
      },
    ])
    expect(JSON.stringify(told)).not.toContain('sk-hidden')
    expect(supervisor.servers()).toEqual(['kept'])

    rmSync(configPath)
    await until(() => told.length === 2)
    expect(told[1]).toMatchObject({ type: 'config.refused', findings: [] })
    save(JSON.stringify(configOf({})))
    await until(() => told.length === 3)
    expect(told[2]).toMatchObject({ type: 'config.reloaded', report: { ok: true, removed: ['kept'] } })
  })

  it('follows no more once it is closed', async () => {
    const { supervisor, told, save } = follow({})
    await supervisor.close()
    save('broken')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(told).toEqual([])
  })

  it('keeps no host alive', async () => {
    const path = fileOf(configOf({}))
    const program = `
      const { createSupervisor } = await import('mcpvisor')
      createSupervisor({ mcpServers: {} }, { configPath: process.argv[1], watch: true })
      console.log('left')`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, path])
    expect(stdout).toBe('left\n')
  })

  it('must be told which file', () => {
    expect(() => createSupervisor({ mcpServers: {} }, { watch: true })).toThrow('must come with "options.configPath"')
  })
})
