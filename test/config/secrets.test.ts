import { expect, test } from 'vitest'
import { createMask } from '../../src/config/secrets.js'

test('a mask hides a secret in every form it is written in', () => {
  const secret = 'p@ss "wörd"/+\n1'
  const mask = createMask([secret])
  for (const form of [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    new URLSearchParams({ key: secret }).toString(),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ]) {
    const masked = mask(`before ${form} after`)
    expect(masked).toContain('***')
    expect(masked).toMatch(/^before .*after$/s)
    expect(masked).not.toContain(form)
  }
})

test('a mask hides the longer of two secrets that begin alike, as a whole', () => {
  expect(createMask(['abcd', 'abcdefgh'])('abcdefgh abcd')).toBe('*** ***')
})

test('a mask hides each line of a secret of several lines', () => {
  const key = `-----BEGIN KEY-----\n${'A'.repeat(64)}\n${'B'.repeat(64)}\n-----END KEY-----`
  expect(createMask([key])(`> ${'B'.repeat(64)}`)).toBe('> ***')
})

test('a mask of nothing, or of texts that are too short, changes nothing', () => {
  expect(createMask([])('abc')).toBe('abc')
  expect(createMask(['', 'abc'])('abc')).toBe('abc')
})

test('a mask takes secrets literally, whatever signs are in them', () => {
  expect(createMask(['a.*c$&('])('a.*c$&( abbc')).toBe('*** abbc')
  expect(() => createMask(['\uD800lone'])('x')).not.toThrow()
})
