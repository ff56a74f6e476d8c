import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSealKey, isSealKey, seal, unseal } from '../../src/auth/sealed-text.js'

test('a sealed text is opened by its key and under its name, and by nothing else', () => {
  const [key, other] = [createSealKey(), createSealKey()]
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (text, name, another) => {
      const sealed = seal(text, key, name)
      expect(unseal(sealed, key, name)).toBe(text)
      expect(unseal(sealed, other, name)).toBeUndefined()
      if (another !== name) expect(unseal(sealed, key, another)).toBeUndefined()
      expect(seal(text, key, name)).not.toBe(sealed)
    }),
  )
})

test('a text that was changed after it was sealed is not opened, wherever the change is', () => {
  const key = createSealKey()
  const [mark = '', body = ''] = seal('{"tokens":1}', key, 'name').split(/(?<=:)/)
  const bytes = Buffer.from(body, 'base64')
  for (const index of bytes.keys()) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8((bytes[index] ?? 0) ^ 1, index)
    expect(unseal(mark + changed.toString('base64'), key, 'name')).toBeUndefined()
    expect(unseal(mark + bytes.subarray(0, index).toString('base64'), key, 'name')).toBeUndefined()
  }
})

test('what was never sealed is not opened', () => {
  const key = createSealKey()
  fc.assert(fc.property(fc.string(), (text) => unseal(text, key, 'name') === undefined))
})

test('a key of another length is none', () => {
  expect([createSealKey(), '', 'short', 'x'.repeat(100), undefined].map(isSealKey)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
})
