import { expect, test } from 'vitest'
import { createStderrTail, type StderrTail } from '../../../src/actors/stdio/stderr-tail.js'

function tailOf(
  text: string | Buffer,
  options: { limitBytes?: number; onLine?: (line: string) => void } = {},
): StderrTail {
  const tail = createStderrTail({ limitBytes: 1_000, mask: (line) => line.replaceAll('secret', '***'), ...options })
  tail.push(Buffer.from(text))
  return tail
}

test('gives each line to the observer as it ends', () => {
  const lines: string[] = []
  const tail = tailOf('one\r\ntwo\nthr', { onLine: (line) => lines.push(line) })
  expect(lines).toEqual(['one', 'two'])
  tail.flush()
  expect(lines).toEqual(['one', 'two', 'thr'])
})

test('S53 one line is one record: control and direction characters are escaped', () => {
  const lines: string[] = []
  tailOf('\u001b[31mred\rforged\u0007\u202Etxt\u2028 \ttab\n', { onLine: (line) => lines.push(line) })
  expect(lines).toEqual(['\\u001b[31mred\\u000dforged\\u0007\\u202etxt\\u2028 \ttab'])
})

test('masks lines and the tail, also a secret that spans lines', () => {
  const lines: string[] = []
  const mask = (text: string): string => text.replaceAll('one\ntwo', '***').replaceAll('secret', '***')
  const tail = createStderrTail({ limitBytes: 1_000, mask, onLine: (line) => lines.push(line) })
  tail.push(Buffer.from('a secret\none\ntwo\n'))
  expect(lines[0]).toBe('a ***')
  expect(tail.text()).toBe('a ***\n***')
})

test('keeps the end within its limit', () => {
  const tail = tailOf(Array.from({ length: 1_000 }, (_, n) => `line ${n}\n`).join(''), { limitBytes: 100 })
  expect(tail.text()).toMatch(/line 998\nline 999$/)
  expect(tail.text().length).toBeLessThanOrEqual(100)
})

test('cuts a line that is too long, also one without end', () => {
  const lines: string[] = []
  const tail = tailOf('x'.repeat(100_000), { limitBytes: 64 * 1024, onLine: (line) => lines.push(line) })
  for (let n = 0; n < 100; n += 1) tail.push(Buffer.from('x'.repeat(10_000)))
  tail.push(Buffer.from('\nnext\n'))
  expect(lines.map((line) => line.length)).toEqual([8_192 + ' (cut)'.length, 4])
})

test('puts characters together that were cut', () => {
  const lines: string[] = []
  const tail = createStderrTail({ limitBytes: 100, mask: (text) => text, onLine: (line) => lines.push(line) })
  for (const byte of Buffer.from('grüße €\n')) tail.push(Buffer.of(byte))
  expect(lines).toEqual(['grüße €'])
})

test('leaves out lines that come too fast and says how many', () => {
  const lines: string[] = []
  const tail = tailOf('line\n'.repeat(1_000), { limitBytes: 1e6, onLine: (line) => lines.push(line) })
  tail.flush()
  expect(lines).toHaveLength(201)
  expect(lines.at(-1)).toBe('(800 lines of stderr left out)')
  expect(tail.text().split('\n')).toHaveLength(1_000)
})
