import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, describe, expect, onTestFinished, test } from 'vitest'

import {
  type OutputValidator,
  createOutputValidator,
  heaviest,
} from '../../../src/actors/validation/output-validator.js'
import { createCancellation } from '../../../src/calls/cancellation.js'
import { systemClock } from '../../../src/clock.js'
import { createVirtualClock } from '../../support/virtual-clock.js'

const shared = createOutputValidator(systemClock)
afterAll(shared.close)

const ask = (of: OutputValidator, schema: object, content: unknown, server = 'server') =>
  of.judge({ server, schema, content, cancellation: createCancellation() })

const draft07 = 'http://json-schema.org/draft-07/schema#'

/** `(a+)+$` takes twice as long for each letter more. */
const slowPattern = { type: 'string', pattern: '^(a+)+$' }
const slowText = `${'a'.repeat(60)}!`

describe('a structured content', () => {
  test.each<[string, object, unknown, string | undefined]>([
    ['of the type that is announced', { type: 'object' }, {}, undefined],
    ['of another type', { type: 'object' }, [], 'must be object, got array'],
    [
      'of another type deep in it',
      at(['a', 'b/c'], { type: 'number' }),
      { a: { 'b/c': 'x' } },
      'at "/a/b~1c" must be number, got string',
    ],
    ['that lacks a member', { required: ['sum'] }, {}, `must have required property 'sum'`],
    [
      'that lacks a member which every object inherits',
      { required: ['toString'] },
      {},
      `must have required property 'toString'`,
    ],
    [
      'with a member too many',
      { additionalProperties: false },
      { b: 1 },
      'must NOT have additional properties, got "b"',
    ],
    [
      'with a member of a hostile name',
      { additionalProperties: false },
      JSON.parse('{"__proto__":1}'),
      'got "__proto__"',
    ],
    ['of none of the values', { enum: ['a', 'b'] }, 'c', 'must be equal to one of the allowed values'],
    ['of a form that is not checked', { format: 'email' }, 'no address', undefined],
    ['of 2020-12 where nothing is said', { prefixItems: [{ type: 'number' }] }, ['x'], 'at "/0" must be number'],
    [
      'of draft-07 where that is said',
      { $schema: draft07, items: [{ type: 'number' }] },
      ['x'],
      'at "/0" must be number',
    ],
    [
      'of 2019-09 where that is said',
      { $schema: 'https://json-schema.org/draft/2019-09/schema', type: 'null' },
      0,
      'must be null',
    ],
    [
      'judged by a part of the schema',
      { $id: 'https://a.example/s', $ref: 'https://a.example/s#/$defs/n', $defs: { n: { type: 'number' } } },
      'x',
      'must be number',
    ],
    [
      'as deep as the schema is cyclic',
      { properties: { self: { $ref: '#' } }, additionalProperties: false },
      { self: { self: { b: 1 } } },
      'at "/self/self" must NOT',
    ],
  ])('%s', async (_, schema, content, wrong) => {
    const verdict = await ask(shared, schema, content)
    if (wrong === undefined) expect(verdict).toBeUndefined()
    else expect(verdict).toContain(wrong)
  })

  test.each<[string, object, string]>([
    ['a type that there is not', { type: 'nonsense' }, 'type'],
    ['a keyword of the wrong shape', { required: 'a' }, 'required value must be'],
    ['a pattern that is none', { pattern: '(' }, 'Invalid regular expression'],
    ['an unknown dialect', { $schema: 'http://json-schema.org/draft-04/schema#' }, '"$schema" must name'],
    ['a remote reference', { $ref: 'http://127.0.0.1:9/schema.json' }, `can't resolve reference`],
    ['an answer that comes later', { $async: true, type: 'object' }, '"$async" is no keyword'],
    ['an answer that comes later, deep in it', { properties: { a: { $async: true, type: 'null' } } }, 'async schema'],
  ])('cannot be judged by a schema with %s', async (_, schema, reason) => {
    const verdict = await ask(shared, schema, {})
    expect(verdict).toContain('its outputSchema cannot be used')
    expect(verdict).toContain(reason)
  })

  test('of one server is not judged by what another calls itself', async () => {
    const of = shared
    const $id = 'https://a.example/shared'
    expect(await ask(of, { $id, type: 'object' }, {}, 'one')).toBeUndefined()
    expect(await ask(of, { $id, type: 'array' }, {}, 'two')).toContain('must be array')
    expect(await ask(of, { $ref: $id }, {}, 'three')).toContain('cannot be used')
  })

  test('that is too large to be written down at a stretch is not judged', async () => {
    const of = shared
    expect(await ask(of, {}, 'x'.repeat(heaviest))).toContain(`larger than ${heaviest}`)
    expect(await ask(of, { enum: ['x'.repeat(heaviest)] }, 'x')).toContain(`larger than ${heaviest}`)
    expect(await ask(of, {}, JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toContain('nested too deep')
    expect(await ask(of, {}, 'x'.repeat(heaviest / 2))).toBeUndefined()
  })
})

describe('a schema that explodes', () => {
  test.each<[string, object, unknown]>([
    ['a pattern', slowPattern, slowText],
    ['schemas that double', doubling(40), {}],
  ])('by %s is ended when its time is over, and nobody is held up meanwhile', async (_, schema, content) => {
    const { of, pass } = await timed()
    const judged = ask(of, schema, content)
    // Real time, in which it is under way.
    for (let turn = 0; turn < 20; turn += 1) await sleep(5)
    pass(2_000)
    expect(await judged).toBe('its structured content could not be judged within 2000 ms')
  })

  test('costs other servers one deadline, and its own all', async () => {
    const { of, pass } = await timed()
    const [first, ...others] = Array.from({ length: 5 }, () => ask(of, slowPattern, slowText, 'hostile'))
    const behind = ask(of, { type: 'object' }, {}, 'good')
    pass(2_000)
    expect(await first).toContain('could not be judged')
    expect(await behind).toBeUndefined()

    // From now on it is waited for by nobody but itself.
    others.push(ask(of, slowPattern, slowText, 'hostile'))
    expect(await ask(of, { type: 'object' }, {}, 'good')).toBeUndefined()
    await of.close()
    for (const verdict of await Promise.all(others)) expect(verdict).toContain('the supervisor closed')
  })
})

test('schemas that were compiled are kept in a bounded number', async () => {
  for (let n = 0; n < 500; n += 1) expect(await ask(shared, { const: n }, n)).toBeUndefined()
  expect(await ask(shared, { const: 0 }, 1)).toContain('must be equal to constant')
})

test('an answer that nobody waits for any more is settled at once', async () => {
  const { of } = await timed()
  const giveUps = [createCancellation(), createCancellation()]
  const judged = giveUps.map((cancellation) =>
    of.judge({ server: 'server', schema: slowPattern, content: slowText, cancellation }),
  )
  await sleep(5)
  for (const cancellation of giveUps) cancellation.cancel('gone')
  expect(await Promise.all(judged)).toEqual(Array(2).fill('its structured content was not judged: gone'))
})

test('closing ends the threads and tells whoever waits', async () => {
  const { of } = await timed()
  const judged = [ask(of, slowPattern, slowText), ask(of, {}, {})]
  await of.close()
  for (const verdict of await Promise.all(judged)) expect(verdict).toContain('the supervisor closed')
  expect(await ask(of, {}, {})).toContain('the supervisor closed')
})

/** A validator whose thread runs and whose time passes only when told. */
async function timed() {
  const clock = createVirtualClock()
  const of = createOutputValidator(clock)
  onTestFinished(of.close)
  expect(await ask(of, {}, {})).toBeUndefined()
  return { of, pass: clock.advance }
}

/** A schema that applies one deep in an object. */
function at(path: readonly string[], schema: object): object {
  return path.reduceRight((inner: object, key) => ({ type: 'object', properties: { [key]: inner } }), schema)
}

/** Each level refers twice to the next: 2^levels checks. */
function doubling(levels: number): object {
  const $defs = Object.fromEntries(
    Array.from({ length: levels }, (_, n) => {
      const next = { $ref: `#/$defs/level${n + 1}` }
      return [`level${n}`, { allOf: [next, next] }] as const
    }),
  )
  return { $ref: '#/$defs/level0', $defs: { ...$defs, [`level${levels}`]: { type: 'object' } } }
}
