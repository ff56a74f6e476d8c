import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FindingCode } from '../../src/config/findings.js'
import { configJsonSchema } from '../../src/config/json-schema.js'
import { loadConfig } from '../../src/config/load.js'
import { anyServers } from './any-servers.js'
import { corpus, textOf } from './corpus.js'

const isLawful = new Ajv({ strict: false }).compile(configJsonSchema())

/** Faults of form, which a schema can see. The others need the grammar of placeholders, or a look at two names at once. */
const faultsOfForm = new Set<FindingCode>([
  ...(['not-object', 'no-servers-key', 'servers-not-object', 'bad-name', 'server-not-object'] as const),
  ...([
    'no-transport',
    'ambiguous-transport',
    'transport-mismatch',
    'unknown-type',
    'bad-type',
    'unsupported-transport',
  ] as const),
  ...([
    'bad-command',
    'bad-args',
    'bad-env',
    'bad-env-file',
    'bad-cwd',
    'bad-url',
    'bad-headers',
    'bad-timeout',
  ] as const),
  ...(['bad-boolean', 'bad-tool-filter', 'bad-oauth', 'bad-policy', 'unsupported-restriction'] as const),
])

test('the published schema is the current one', () => {
  const published: unknown = JSON.parse(readFileSync(new URL('../../schema/mcp.schema.json', import.meta.url), 'utf8'))
  expect(published, 'run `npm run build && node schema/write.js`').toEqual(configJsonSchema())
})

describe.each(corpus)('$file', ({ file }) => {
  const { config, verdict, document, servers } = loadConfig(textOf(file))
  const errors = [...document, ...[...servers.values()].flatMap(({ findings }) => findings)].filter(
    ({ severity }) => severity === 'error',
  )
  const isBadlyFormed = errors.some(({ code }) => faultsOfForm.has(code))

  test.skipIf(config === undefined)(`is ${isBadlyFormed ? 'refused' : 'accepted'} by the schema too`, () => {
    // Other faults may or may not be seen; what is valid must pass, what has the wrong form must not.
    if (verdict !== 'invalid' || isBadlyFormed) {
      expect(isLawful(config), JSON.stringify(isLawful.errors?.slice(0, 3))).toBe(!isBadlyFormed)
    }
  })
})

test.each([
  [{ command: 'x', supervisor: { retries: 1, start: 'eager' } }, true],
  [{ command: 'x', supervisor: { retrys: 1 } }, false],
  [{ command: 'x', supervisor: { cooldownMs: 2 ** 31 } }, false],
  [{ command: 'x', supervisor: { session: 'per-call' } }, true],
  [{ command: 'x', supervisor: { session: { pool: 2 } } }, true],
  [{ command: 'x', supervisor: { session: { pool: 0 } } }, false],
  [{ command: 'x', type: 'http' }, false],
  [{ type: 'http', url: 'https://x.example', command: 'x' }, true],
  [{ transport: { type: 'http', url: 'https://x.example' } }, true],
  [{ command: 'x', disabled: 'true', sandboxEnabled: false }, true],
  [{ command: 'x', sandbox: {} }, false],
  [{ command: 'x', timeout: 0 }, false],
  [{ url: '${BASE}/mcp' }, true],
])('schema and loader agree on %j', (entry, expected) => {
  const config = { mcpServers: { s: entry } }
  expect(isLawful(config)).toBe(expected)
  expect(loadConfig(JSON.stringify(config)).verdict !== 'invalid').toBe(expected)
})

test('the schema refuses nothing that the loader finds valid without a warning', () => {
  fc.assert(
    fc.property(anyServers, (mcpServers) => {
      const text = JSON.stringify({ mcpServers })
      const { verdict, config } = loadConfig(text)
      if (verdict === 'valid') expect(isLawful(config), JSON.stringify(isLawful.errors?.slice(0, 3))).toBe(true)
    }),
    { numRuns: 2_000, seed: 20_261_122 },
  )
})
