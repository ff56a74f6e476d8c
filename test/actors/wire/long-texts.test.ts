import { expect, test } from 'vitest'

import { parseText, takeText } from '../../../src/actors/wire/long-texts.js'

const long = 'x'.repeat(70_000)
const answer = (id: number, result: object) => ({ jsonrpc: '2.0', id, result })
interface Answer {
  readonly result: object
}

test('a long text is kept with its structured result until somebody takes it', () => {
  const text = JSON.stringify(answer(1, { structuredContent: long }))
  const { result } = parseText(text) as Answer
  expect(takeText(result)).toEqual({ text })
  expect(takeText(result)).toBeUndefined()
})

test('of a batch, each structured result knows its place', () => {
  const text = JSON.stringify([answer(1, { content: [] }), answer(2, { structuredContent: [long] })])
  const [first, second] = parseText(text) as Answer[]
  expect(takeText(first?.result ?? {})).toBeUndefined()
  expect(takeText(second?.result ?? {})).toEqual({ text, index: 1 })
})

test.each([
  ['a short text', answer(1, { structuredContent: 'short' })],
  ['a result without structured content', answer(1, { content: [{ type: 'text', text: long }] })],
  ['an error', { jsonrpc: '2.0', id: 1, error: { code: 1, message: long } }],
])('%s is not kept', (_, message) => {
  const { result = {} } = parseText(JSON.stringify(message)) as Partial<Answer>
  expect(takeText(result)).toBeUndefined()
})

test('what is no message is parsed all the same', () => {
  expect(parseText(JSON.stringify([null, long]))).toEqual([null, long])
  expect(() => parseText('{')).toThrow(SyntaxError)
})
