import fc from 'fast-check'
import { expect, test } from 'vitest'

import { holdBytes } from '../../../src/actors/wire/held-bytes.js'

test('what is taken is all that was kept, in order, however it was cut', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 200_000 }), { maxLength: 6 })
  fc.assert(
    fc.property(parts, fc.uint8Array(), parts, (first, last, second) => {
      const held = holdBytes()
      for (const kept of [first, second]) {
        for (const part of kept) held.keep(Buffer.from(part))
        expect(held.length).toBe(Buffer.concat(kept).length)
        expect(held.take(Buffer.from(last)).equals(Buffer.concat([...kept, last]))).toBe(true)
        expect(held.length).toBe(0)
      }
    }),
  )
})

test('what arrives byte by byte between long parts holds no more memory than its length', () => {
  const held = holdBytes()
  const long = Buffer.alloc(16 * 1024)
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 1_000; n++) {
    held.keep(Buffer.from('x'))
    held.keep(long)
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
  expect(held.length).toBe(1_000 * (1 + long.length))
})

test('without anything held, the last part is not copied', () => {
  const last = Buffer.from('a line')
  expect(holdBytes().take(last)).toBe(last)
})

test('nothing is left of what was cleared', () => {
  const held = holdBytes()
  held.keep(Buffer.alloc(100_000))
  held.clear()
  held.keep(Buffer.from('a'))
  expect(held.take(Buffer.from('b')).toString()).toBe('ab')
})
