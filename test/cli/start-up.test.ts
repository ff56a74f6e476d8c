/** What a command has to load before it does anything: counted, since times depend on the machine. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'

import { configOf, stdioServer } from '../support/fixture-servers.js'
import { type Surroundings, folderOf, mainPath, runCommand, startCommand } from './command-line.js'

const hook = pathToFileURL(join(import.meta.dirname, 'loaded-modules.mjs')).href

/** The modules that a command loads, or a program, by their paths. */
async function loadedBy(args: readonly string[], { env, ...surroundings }: Surroundings) {
  const file = join(folderOf(), 'loaded')
  const { code } = await runCommand(args, {
    ...surroundings,
    env: { ...env, NODE_OPTIONS: `--import ${hook}`, LOADED: file },
  })
  expect(code).toBe(0)
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((url) => url.startsWith('file:') && url !== hook)
}

const packagesOf = (modules: readonly string[]) =>
  new Set(modules.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []))

describe('a command', () => {
  it('loads a fraction of what supervises servers, unless it does so itself', async () => {
    const cwd = folderOf({ 'mcp.json': configOf({ a: stdioServer() }) })
    const whole = await loadedBy(['tools', '-c', 'mcp.json'], { cwd })
    expect([...packagesOf(whole)]).toEqual(expect.arrayContaining(['xstate', '@modelcontextprotocol/sdk']))
    expect(packagesOf(whole)).not.toContain('undici')

    const version = await loadedBy(['--version'], { cwd })
    expect([...packagesOf(version)].toSorted()).toEqual(['commander', 'picocolors'])
    expect(version.length / whole.length).toBeLessThan(1 / 5)

    const instance = startCommand(['run', '-c', 'mcp.json'], { cwd })
    await instance.says('a is ready')
    const status = await loadedBy(['status', '-c', 'mcp.json'], { cwd })
    expect(packagesOf(status)).not.toContain('xstate')
    expect(packagesOf(status)).not.toContain('@modelcontextprotocol/sdk')
    expect(status.length / whole.length).toBeLessThan(1 / 2)
    instance.child.kill('SIGTERM')
    await instance.ended
  })
})

describe('a program', () => {
  it('that has used no server has loaded what supervises, and nothing of what speaks to servers', async () => {
    const index = pathToFileURL(join(mainPath, '../../index.js')).href
    const loaded = await loadedBy([`import('${index}')`], { program: [process.execPath, '--eval'] })
    expect(
      [...packagesOf(loaded)].filter((name) => /^(xstate|@modelcontextprotocol|pino|ajv|undici)/.test(name)),
    ).toEqual(['xstate'])
  })

  it('starts its first server while it loads the SDK', async () => {
    const server = stdioServer()
    const cwd = folderOf({ 'mcp.json': configOf({ a: server }) })
    const loaded = await loadedBy(['tools', '-c', 'mcp.json'], { cwd, env: { SERVER: server.journal.path } })
    expect([...packagesOf(loaded)]).toContain('@modelcontextprotocol/sdk')
  })
})
