import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSupervisor } from '../../src/index.js'
import { createParser } from '../../src/config/parse.js'
import { createDefinitions } from '../../src/supervisor/definitions.js'

/** Definitions of one server after another, as reloads make them, and their digests. */
function reloads(env: Record<string, string> = {}) {
  const parse = createParser()
  const definitions = createDefinitions(() => ({ env }))
  return {
    definitions,
    async digest(entry: object, keep: readonly string[] = []): Promise<{ id: string; digest: string }> {
      const parsed = parse({ mcpServers: { s: entry } }).servers.get('s')
      if (!parsed) throw new Error('not read')
      const { id } = definitions.define('s', parsed)
      const { [id]: digest = '' } = await definitions.digests([id])
      definitions.keepOnly(new Set([...keep, id]))
      return { id, digest }
    },
  }
}

test('an equal entry has an equal digest, and its resolution is not computed again', async () => {
  const { digest, definitions } = reloads()
  const [first, second] = [await digest({ command: 'a' }, ['s#1']), await digest({ command: 'a' }, ['s#1'])]
  expect(second.digest).toBe(first.digest)
  expect(await definitions.resolve(second.id)).toBe(await definitions.resolve(first.id))
  expect((await digest({ command: 'b' })).digest).not.toBe(first.digest)
})

test('an equal entry has an equal digest also while the one before is being resolved', async () => {
  const parse = createParser()
  const definitions = createDefinitions(() => ({ env: {} }))
  const define = () => {
    const parsed = parse({ mcpServers: { s: { command: 'a' } } }).servers.get('s')
    return parsed ? definitions.define('s', parsed).id : ''
  }
  const first = define()
  void definitions.prepare(first)
  const digests = await definitions.digests([first, define()])
  expect(new Set(Object.values(digests)).size).toBe(1)
  expect(Object.values(digests)).not.toContain('')
})

test('a reload right after the start changes no equal server', async () => {
  const config = { mcpServers: { a: { command: 'x' }, b: { command: '${HOME}' } } }
  const supervisor = createSupervisor(config, { env: { HOME: '/home' } })
  expect(await supervisor.reload(structuredClone(config))).toMatchObject({ unchanged: ['a', 'b'], updated: [] })
  await supervisor.close()
})

test('an entry with a placeholder is resolved each time, for what it stands for may have changed', async () => {
  const env = { A: '1' }
  const { digest } = reloads(env)
  const entry = { command: 'a', args: ['${A}'] }
  const first = await digest(entry)
  expect((await digest(entry)).digest).toBe(first.digest)
  env.A = '2'
  expect((await digest(entry)).digest).not.toBe(first.digest)
})

test('an entry with an envFile is resolved each time, for the file may have changed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvisor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const envFile = join(folder, '.env')
  const { digest } = reloads()
  writeFileSync(envFile, 'A=1\n')
  const first = await digest({ command: 'a', envFile })
  writeFileSync(envFile, 'A=2\n')
  expect((await digest({ command: 'a', envFile })).digest).not.toBe(first.digest)
})
