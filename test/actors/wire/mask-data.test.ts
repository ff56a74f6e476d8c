import { expect, test } from 'vitest'
import { maskData } from '../../../src/actors/wire/mask-data.js'
import { createMask } from '../../../src/config/secrets.js'

const mask = createMask(['hunter2', '"a":{'])

test('masks values and keys at any depth', () => {
  expect(maskData({ a: ['x hunter2 y'], hunter2: { b: 'hunter2' } }, mask)).toEqual({
    a: ['x *** y'],
    '***': { b: '***' },
  })
})

test('returns data without secrets as it is', () => {
  const data = { b: [1, null, 'x'] }
  expect(maskData(data, mask)).toBe(data)
})

test('replaces what cannot be masked piece by piece', () => {
  expect(maskData({ a: { b: 1 } }, mask)).toEqual({ masked: '***' })
  const deep = JSON.parse('['.repeat(1e5) + ']'.repeat(1e5)) as unknown
  expect(maskData(deep, mask)).toEqual({ masked: '***' })
})
