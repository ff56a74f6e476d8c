import { describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../src/config/defaults.js'
import { layerPolicy, parsePolicy, policySchema } from '../../src/config/policy.js'

describe('parsePolicy', () => {
  test('takes every default', () => {
    expect(parsePolicy(defaultPolicy, 'defaults')).toEqual(defaultPolicy)
    expect(parsePolicy(undefined, 'defaults')).toEqual({})
  })

  test.each([NaN, Infinity, -Infinity, -1, '5', null, 2 ** 31, {}])('refuses %s for every number', (value) => {
    for (const [key, usual] of Object.entries(defaultPolicy)) {
      if (typeof usual !== 'number') continue
      // Counts are no delays: they may be longer than a timer can wait.
      if (value === 2 ** 31 && /^(retries|max(Restarts|Concurrency|Queue))$/.test(key)) continue
      expect(() => parsePolicy({ [key]: value }, 'defaults'), key).toThrow(`"defaults.${key}" must be`)
    }
  })

  test('refuses fractions of a count', () => {
    expect(() => parsePolicy({ retries: 1.5 }, 'defaults')).toThrow('must be an integer >= 0, got 1.5')
  })

  test('leaves out what is undefined', () => {
    expect(parsePolicy({ retries: undefined, factor: 3 }, 'defaults')).toEqual({ factor: 3 })
  })

  test('refuses unknown keys with the one that was meant', () => {
    expect(() => parsePolicy({ conectTimeoutMs: 1 }, 'defaults')).toThrow('did you mean "connectTimeoutMs"?')
    expect(() => parsePolicy({ __proto__: null, constructor: 1 }, 'defaults')).toThrow(
      '"defaults.constructor" is not a known key',
    )
  })

  test.each(['shared', 'per-client', 'per-call', { pool: 1 }, { pool: 100 }])('takes the session %j', (session) => {
    expect(parsePolicy({ session }, 'defaults')).toEqual({ session })
  })

  test.each([
    ['per-user', '"per-user"'],
    [{ pool: 0 }, '{"pool":0}'],
    [{ pool: 101 }, '{"pool":101}'],
    [{ pool: 1, size: 2 }, '{"pool":1,"size":2}'],
    [[], 'array'],
    [true, 'true'],
  ])('refuses the session %j', (session, shown) => {
    expect(() => parsePolicy({ session }, 'defaults')).toThrow(
      `"defaults.session" must be "shared", "per-client", "per-call" or {"pool": n} with n from 1 to 100, got ${shown}`,
    )
  })

  test('refuses a lower bound above its upper bound', () => {
    expect(() => parsePolicy({ minTimeoutMs: 10, maxTimeoutMs: 5 }, 'defaults')).toThrow(
      'must be at most "maxTimeoutMs" (5), got 10',
    )
  })
})

describe('layerPolicy', () => {
  test('lets later layers win', () => {
    expect(layerPolicy({ retries: 1, factor: 4 }, { retries: 2 })).toEqual({ ...defaultPolicy, retries: 2, factor: 4 })
  })

  test('raises an upper bound that nobody set', () => {
    expect(layerPolicy({ minTimeoutMs: 40_000 }).maxTimeoutMs).toBe(40_000)
  })
})

test('the schema has every key of a policy', () => {
  expect(Object.keys(policySchema.shape).toSorted()).toEqual(Object.keys(defaultPolicy).toSorted())
})
