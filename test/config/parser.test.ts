import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createParser, parseConfig } from '../../src/config/parse.js'
import { anyServers } from './any-servers.js'

const anyDocument = fc.record(
  { mcpServers: anyServers, supervisor: fc.constantFrom({ retries: 1 }, { retries: 2 }, { retries: -1 }) },
  { requiredKeys: ['mcpServers'] },
)

const outcomeOf = (read: (input: unknown) => unknown, input: unknown) => {
  try {
    return { config: read(input) }
  } catch (error) {
    return { error }
  }
}

test('a parser reads each of many configurations as if it were the first', () => {
  const sequences = fc.array(fc.oneof(anyDocument, fc.constantFrom(undefined, [], {})), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(sequences, fc.array(fc.nat({ max: 2 }), { maxLength: 6 }), (documents, order) => {
      const parse = createParser()
      for (const index of order) {
        const document = structuredClone(documents[index % documents.length])
        expect(outcomeOf(parse, document)).toEqual(outcomeOf(parseConfig, document))
      }
    }),
    { numRuns: 500, seed: 1 },
  )
})

test('a parser hands out the same entry for an equal one, and another for one that changed in place', () => {
  const parse = createParser()
  const config = { mcpServers: { same: { command: 'a', args: ['1'] }, other: { command: 'b', args: ['1'] } } }
  const first = parse(config)
  config.mcpServers.other.args[0] = '2'
  const second = parse(config)
  expect(second.servers.get('same')).toBe(first.servers.get('same'))
  expect(second.servers.get('other')).toMatchObject({ entry: { endpoint: { args: ['2'] } } })
  expect(first.raw).toEqual({ same: { command: 'a', args: ['1'] }, other: { command: 'b', args: ['1'] } })
})

test('a parser reads every entry again when the defaults of the document change', () => {
  const parse = createParser()
  const retriesFor = (retries: number) => {
    const server = parse({ mcpServers: { s: { command: 'a' } }, supervisor: { retries } }).servers.get('s')
    return server?.ok && server.entry.policy.retries
  }
  expect([retriesFor(1), retriesFor(2), retriesFor(2)]).toEqual([1, 2, 2])
})
