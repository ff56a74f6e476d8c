import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isLighter } from '../../../src/actors/validation/weight.js'

test('what is light is short when it is written down', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 1, max: 2_000 }), (value, weight) => {
      // Six characters for one that is escaped, and a value, its key's quotes and its punctuation beside.
      if (isLighter(value, weight)) expect(JSON.stringify(value).length).toBeLessThan(6 * weight)
    }),
  )
})

test('every value and every character counts', () => {
  expect(isLighter('x'.repeat(99), 100)).toBe(true)
  expect(isLighter('x'.repeat(100), 100)).toBe(false)
  expect(isLighter(Array(1_000).fill(1), 8_000)).toBe(false)
  expect(isLighter({ ['k'.repeat(100)]: 1 }, 100)).toBe(false)
})
