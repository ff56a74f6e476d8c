import { readFileSync, readdirSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const longestFile = 300

const ground = ['calls', 'clock', 'config', 'errors', 'events', 'mcp', 'messages', 'token-store', 'version']

/**
 * The rooms of `src`, a folder or a file at its top, and the rooms that each may import from beside itself.
 *
 * Lint says the same of each import as it is typed; this list also stops a room that is not on it and `import()`.
 */
const doors: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(ground.map((room) => [room, ground])),
  machines: ground,
  auth: ground,
  catalogs: ground,
  actors: [...ground, 'auth'],
  supervisor: [...ground, 'api', 'catalogs', 'machines'],
  api: [...ground, 'catalogs', 'machines', 'supervisor'],
  'create-supervisor': [...ground, 'api', 'catalogs', 'supervisor', 'machines', 'actors', 'auth'],
  index: [...ground, 'api', 'catalogs', 'supervisor', 'auth', 'create-supervisor'],
  gateway: ['index'],
  inspect: ['index'],
  otel: ['index'],
  cli: ['gateway', 'inspect', 'otel', 'index', 'config', 'version'],
}

type Sources = Readonly<Record<string, string>>

const roomOf = (path: string): string => path.split('/')[0]?.replace(/\.[jt]s$/, '') ?? ''

const importsOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?:\bfrom|\bimport\(?)\s*'(\.[^']+)'/g)].flatMap(([, specifier]) => specifier ?? [])

/** What goes through no door, as `file -> file`. */
function trespasses(sources: Sources): readonly string[] {
  return Object.entries(sources).flatMap(([path, text]) => {
    const from = roomOf(path)
    const open = [from, ...(doors[from] ?? [])]
    if (!(from in doors)) return [`${path} is in no known room`]
    return importsOf(text)
      .map((specifier) => posix.join(posix.dirname(path), specifier))
      .filter((target) => !open.includes(roomOf(target)))
      .map((target) => `${path} -> ${target}`)
  })
}

const tooLong = (sources: Sources): readonly string[] =>
  Object.keys(sources).filter((path) => (sources[path]?.trimEnd().split('\n').length ?? 0) > longestFile)

function readSources(): Sources {
  const root = join(import.meta.dirname, '../src')
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return Object.fromEntries(
    paths.map((path) => [path.split(sep).join('/'), readFileSync(join(root, path), 'utf8')] as const),
  )
}

describe('the sources', () => {
  const sources = readSources()

  test('import through the doors between rooms only', () => {
    expect(Object.keys(sources)).toContain('index.ts')
    expect(trespasses(sources)).toEqual([])
  })

  test('hold no file that is too long to be one concept', () => {
    expect(tooLong(sources)).toEqual([])
  })
})

describe('the check', () => {
  test.each([
    ['a machine that imports an actor', 'machines/server.ts', `import { a } from '../actors/connection.js'`],
    ['a type that comes through a wall', 'actors/session.ts', `import type { A } from '../machines/server.js'`],
    ['an import over many lines', 'config/load.ts', `import {\n  a,\n} from '../index.js'`],
    ['a re-export', 'supervisor/facade.ts', `export * from '../actors/carry.js'`],
    ['an import for its effect', 'api.ts', `import './actors/guard.js'`],
    ['an import at run time', 'cli/commands/run.ts', `await import('../../create-supervisor.js')`],
    ['a room that nobody listed', 'utils/strings.ts', ''],
  ])('refuses %s', (_, path, text) => {
    expect(trespasses({ [path]: text })).toHaveLength(1)
  })

  test('lets a room import itself and those below', () => {
    const text = `import { a } from './b.js'\nimport { c } from '../errors.js'\nimport { d } from 'xstate'`
    expect(trespasses({ 'machines/server.ts': text })).toEqual([])
  })

  test('refuses a file of one line too many', () => {
    const lines = (count: number) => 'a\n'.repeat(count)
    expect(tooLong({ 'errors.ts': lines(longestFile), 'index.ts': lines(longestFile + 1) })).toEqual(['index.ts'])
  })
})
