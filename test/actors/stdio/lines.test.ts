import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLines, type Lines } from '../../../src/actors/stdio/lines.js'

function all(lines: Lines): string[] {
  const found: string[] = []
  for (let line = lines.next(); line !== undefined; line = lines.next()) found.push(line)
  return found
}

test('gives each line without its end, and no empty ones', () => {
  const lines = createLines(100)
  lines.push(Buffer.from('one\r\n\n\r\ntwo\nthr'))
  expect(all(lines)).toEqual(['one', 'two'])
  lines.push(Buffer.from('ee\n'))
  expect(all(lines)).toEqual(['three'])
})

test('stops after any line and goes on where it stopped', () => {
  const lines = createLines(100)
  lines.push(Buffer.from('one\ntwo\n'))
  expect(lines.next()).toBe('one')
  lines.push(Buffer.from('three\n'))
  expect(all(lines)).toEqual(['two', 'three'])
})

test('drops a byte order mark at the begin only', () => {
  const lines = createLines(100)
  lines.push(Buffer.from('\uFEFFone\n\uFEFFtwo\n'))
  expect(all(lines)).toEqual(['one', '\uFEFFtwo'])
})

test('gives the same lines however the bytes are cut', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\r\n\uFEFF]/.test(text))
  fc.assert(
    fc.property(fc.array(line), fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (texts, sizes) => {
      const lines = createLines(10_000)
      const found: string[] = []
      let rest = Buffer.from(texts.map((text) => `${text}\n`).join(''))
      while (rest.length > 0) {
        const size = Number(sizes.next().value)
        lines.push(rest.subarray(0, size))
        rest = rest.subarray(size)
        found.push(...all(lines))
      }
      expect(found).toEqual(texts)
    }),
  )
})

test.each([
  ['of the limit', 10, ['0123456789'], false],
  ['over the limit', 9, [], true],
])('a line %s', (_, limit, expected, isOver) => {
  const lines = createLines(limit)
  lines.push(Buffer.from('0123456789\nnext\n'))
  expect(all(lines).slice(0, 1)).toEqual(expected)
  expect(lines.isOverLimit).toBe(isOver)
})

test('reports the limit before the line has ended, gives the lines before it and none after', () => {
  const lines = createLines(5)
  lines.push(Buffer.from('one\n123'))
  expect(all(lines)).toEqual(['one'])
  expect(lines.isOverLimit).toBe(false)
  lines.push(Buffer.from('456'))
  expect(lines.next()).toBeUndefined()
  expect(lines.isOverLimit).toBe(true)
  lines.push(Buffer.from('\ntwo\n'))
  expect(lines.next()).toBeUndefined()
})

test('puts a long line together from blocks', () => {
  const lines = createLines(1e6)
  const text = 'grüße '.repeat(50_000)
  const bytes = Buffer.from(`${text}\nnext\n`)
  for (let from = 0; from < bytes.length; from += 10_001) lines.push(bytes.subarray(from, from + 10_001))
  expect(all(lines)).toEqual([text, 'next'])
})
