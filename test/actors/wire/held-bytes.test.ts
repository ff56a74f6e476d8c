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

test('what was kept does not change with the buffer it came in', () => {
  const held = holdBytes()
  const part = Buffer.from('begin ')
  held.keep(part)
  part.fill(0)
  expect(held.take(Buffer.from('end')).toString()).toBe('begin end')
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
