import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestEntry, digestUnresolved, digestWay } from '../../src/config/digest.js'
import type { ServerEntry } from '../../src/config/entry.js'
import { parseConfig } from '../../src/config/parse.js'
import { resolveEntry } from '../../src/config/resolve.js'

function entryOf(entry: unknown): ServerEntry {
  const parsed = parseConfig({ mcpServers: { s: entry } }).servers.get('s')
  if (!parsed?.ok) throw new Error(parsed?.message)
  return parsed.entry
}

const digestOf = async (entry: unknown, env: Record<string, string> = {}) =>
  digestEntry(await resolveEntry('s', entryOf(entry), { env }))

const base = {
  command: 'x',
  args: ['a', 'b'],
  env: { A: '${SECRET:-none}', B: '2' },
  includeTools: ['t'],
  supervisor: { retries: 1 },
}

test('a digest does not depend on the order of keys', async () => {
  const shuffled = fc.shuffledSubarray(Object.entries(base), { minLength: Object.keys(base).length })
  await fc.assert(
    fc.asyncProperty(shuffled, async (entries) => {
      expect(await digestOf(Object.fromEntries(entries))).toBe(await digestOf(base))
    }),
    { numRuns: 20 },
  )
  expect(await digestOf({ ...base, env: { B: '2', A: '${SECRET:-none}' } })).toBe(await digestOf(base))
})

test('a digest does not depend on descriptions, nor on the words an entry is written in', async () => {
  const words = { ...base, description: 'new', title: 'T', icon: 'i.png', tags: ['x'], type: 'local' }
  expect(await digestOf(words)).toBe(await digestOf(base))
})

test.each([
  ['a secret', { ...base, env: { ...base.env, B: '3' } }],
  ['an argument', { ...base, args: ['b', 'a'] }],
  ['the policy', { ...base, supervisor: { retries: 2 } }],
  ['the tools', { ...base, includeTools: ['u'] }],
  ['the directory', { ...base, cwd: '/' }],
])('a digest changes with %s', async (_what, entry) => {
  expect(await digestOf(entry)).not.toBe(await digestOf(base))
})

test('a digest changes when a secret is rotated in the environment, and does not show it', async () => {
  const [one, two] = [
    await digestOf(base, { SECRET: 'first-secret' }),
    await digestOf(base, { SECRET: 'second-secret' }),
  ]
  expect(one).not.toBe(two)
  expect(one).toMatch(/^[0-9a-f]{64}$/)
})

test('an entry that cannot be resolved has a digest of its own', async () => {
  const entry = { command: 'x', args: ['literal'] }
  expect(digestUnresolved(entryOf(entry))).toBe(digestUnresolved(entryOf({ ...entry, description: 'd' })))
  expect(digestUnresolved(entryOf(entry))).not.toBe(await digestOf(entry))
  expect(digestUnresolved(entryOf(entry))).not.toBe(digestUnresolved(entryOf({ ...entry, envFile: '.env' })))
})

test('the digest of a way counts what is started, as it is written, and nothing that only filters or supervises', () => {
  const way = (entry: object) => digestWay(entryOf(entry))
  const filtered = {
    ...base,
    includeTools: ['u'],
    excludeTools: ['t'],
    supervisor: { tools: 'pin' },
    protocolEra: 'modern',
  }
  expect(way(filtered)).toBe(way(base))
  const others = [{ command: 'y' }, { args: ['a'] }, { env: { A: '1' } }, { cwd: '/' }, { envFile: '.env' }]
  const digests = [base, ...others.map((other) => ({ ...base, ...other })), { url: 'https://a.example' }].map(way)
  const headers = { 'X-Tenant': 'one' }
  expect(new Set([...digests, way({ url: 'https://a.example', headers })]).size).toBe(others.length + 3)
})
