import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { SupervisorError } from '../../src/errors.js'
import { loadConfig } from '../../src/config/load.js'
import { parseConfig } from '../../src/config/parse.js'
import { resolveEntry } from '../../src/config/resolve.js'
import { anyServers } from './any-servers.js'
import { corpus, textOf } from './corpus.js'

/** 10,000 in all; the environment may ask for another number. */
const scale = Number(process.env['MCPVISOR_PROPERTY_RUNS'] ?? 10_000) / 10
const runs = (tenths: number) => ({ numRuns: Math.ceil(scale * tenths), seed: 20_261_122 })

const texts = corpus.map(({ file }) => textOf(file))
const prototypeKeys = Reflect.ownKeys(Object.prototype)

beforeAll(() => {
  // Whoever tries to write to it now, throws.
  Object.freeze(Object.prototype)
})

/** Loads a text by every way there is; the only error that may come is our own. */
function survives(text: string): void {
  const loaded = loadConfig(text)
  const isInvalid = [...loaded.document, ...[...loaded.servers.values()].flatMap(({ findings }) => findings)].some(
    ({ severity }) => severity === 'error',
  )
  expect(loaded.verdict === 'invalid').toBe(isInvalid)
  for (const { verdict, entry } of loaded.servers.values()) expect(entry === undefined).toBe(verdict === 'invalid')
  try {
    const { servers } = parseConfig(loaded.config)
    for (const [name, { entry }] of loaded.servers) expect(servers.get(name)?.ok).toBe(entry !== undefined)
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error
    expect(error.code).toBe('CONFIG_INVALID')
  }
  expect(Reflect.ownKeys(Object.prototype)).toEqual(prototypeKeys)
}

test('any text is judged', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), survives), runs(1))
})

test('any JSON is judged', () => {
  fc.assert(fc.property(fc.json(), survives), runs(2))
})

test('any entry is judged, and a valid one resolves or says what is missing', async () => {
  await fc.assert(
    fc.asyncProperty(anyServers, async (mcpServers) => {
      survives(JSON.stringify({ mcpServers }))
      for (const [server, parsed] of parseConfig({ mcpServers }).servers) {
        if (!parsed.ok) continue
        const { envFile: _envFile, ...withoutFile } = parsed.entry
        await resolveEntry(server, withoutFile, { env: {} }).catch((error: unknown) => {
          if (!(error instanceof SupervisorError)) throw error
          expect(error.code).toBe('CONFIG_UNRESOLVED')
        })
      }
    }),
    runs(4),
  )
})

test('a file of the corpus with a part cut out, doubled or overwritten is judged', () => {
  const cut = fc.tuple(
    fc.nat(),
    fc.nat({ max: 40 }),
    fc.constantFrom('', '{', '}', '[', ']', '"', ',', '\\', '\0', '/*', '1e9', '"__proto__":'),
  )
  const mutated = fc
    .tuple(fc.constantFrom(...texts), fc.array(cut, { minLength: 1, maxLength: 3 }))
    .map(([text, cuts]) =>
      cuts.reduce((left, [at, length, instead]) => {
        const start = left.length === 0 ? 0 : at % left.length
        const kept = instead === '1e9' ? left.slice(start, start + length).repeat(2) : instead
        return left.slice(0, start) + kept + left.slice(start + length)
      }, text),
    )
  fc.assert(fc.property(mutated, survives), runs(3))
})

test('a long text that looks like something is judged in time that grows with its length', () => {
  const length = 500_000
  for (const part of ['{', '${', '${a', '{{', '<a', '%A', '$a', '}', ' ', '\\u0000', 'a', '\\\\']) {
    const long = part.repeat(length / part.length)
    for (const key of ['command', 'args', 'url', 'env', 'cwd', 'type', long]) {
      survives(`{"mcpServers":{"s":{"command":"x",${JSON.stringify(key)}:"${long}"}}}`)
    }
    survives(`{"mcpServers":{"s":{"command":"${long}\\u0000","args":["${long}"],"env":{"A":"${long}"}}}}`)
    survives(long)
  }
})
