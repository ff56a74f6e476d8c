import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFrame } from '../../../src/actors/wire/frames.js'

describe('a lawful frame', () => {
  test.each([
    ['response', { jsonrpc: '2.0', id: 1, result: { a: 1 } }],
    ['response', { jsonrpc: '2.0', id: 'x', error: { code: -32601, message: 'no', data: [1] } }],
    ['request', { jsonrpc: '2.0', id: 0, method: 'ping' }],
    ['request', { jsonrpc: '2.0', id: '', method: 'ping', params: {} }],
    ['notification', { jsonrpc: '2.0', method: 'notifications/initialized', params: { a: 1 } }],
  ])('is read as %s', (kind, message) => {
    expect(readFrame(message)).toEqual({ kind, message })
  })
})

describe('a frame that does no harm', () => {
  test.each([
    ['other keys', { jsonrpc: '2.0', id: 1, result: {}, more: 1 }, { jsonrpc: '2.0', id: 1, result: {} }],
    ['a null error', { jsonrpc: '2.0', id: 1, result: {}, error: null }, { jsonrpc: '2.0', id: 1, result: {} }],
    ['a null method', { jsonrpc: '2.0', id: 1, method: null, result: {} }, { jsonrpc: '2.0', id: 1, result: {} }],
    [
      'a null result',
      { jsonrpc: '2.0', id: 1, result: null, error: { code: 1, message: 'm' } },
      { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'm' } },
    ],
    ['null params', { jsonrpc: '2.0', method: 'm', params: null }, { jsonrpc: '2.0', method: 'm' }],
    [
      'an error without message',
      { jsonrpc: '2.0', id: 1, error: { code: 1 } },
      { jsonrpc: '2.0', id: 1, error: { code: 1, message: '' } },
    ],
  ])('is read without %s', (_, value, message) => {
    expect(readFrame(value)).toMatchObject({ message })
    expect(readFrame(value)).not.toMatchObject({ kind: 'invalid' })
  })
})

describe('an invalid frame', () => {
  test.each([
    ['no result and no error', { jsonrpc: '2.0', id: 1 }],
    ['both', { jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: '' } }],
    ['a result that is no object', { jsonrpc: '2.0', id: 1, result: 'x' }],
    ['an array as result', { jsonrpc: '2.0', id: 1, result: [] }],
    ['another version', { jsonrpc: '1.0', id: 1, result: {} }],
    ['no version', { id: 1, result: {} }],
    ['a text as error', { jsonrpc: '2.0', id: 1, error: 'x' }],
    ['a text as error code', { jsonrpc: '2.0', id: 1, error: { code: 'x', message: '' } }],
  ])('keeps the id of the request it stands for: %s', (_, value) => {
    expect(readFrame(value)).toMatchObject({ kind: 'invalid', id: 1 })
  })

  test.each([
    ['a number', 42],
    ['null', null],
    ['an array', []],
    ['an answer without id', { jsonrpc: '2.0', result: {} }],
    ['a null id', { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'parse error' } }],
    ['an id that is no integer', { jsonrpc: '2.0', id: 1.5, result: {} }],
    ['a log record', { level: 'info', id: 1, msg: 'hello' }],
    ['a request of the peer', { jsonrpc: '2.0', id: 1, method: 'm', params: [] }],
    ['an inherited id', Object.create({ jsonrpc: '2.0', id: 1, result: {} })],
  ])('names no request of ours: %s', (_, value) => {
    const frame = readFrame(value)
    expect(frame.kind).toBe('invalid')
    expect(frame).not.toHaveProperty('id')
  })

  test('says what an error without id said', () => {
    const value = { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'parse error' } }
    expect(readFrame(value)).toMatchObject({ reason: expect.stringContaining('parse error') })
  })
})

test('never throws, whatever the JSON', () => {
  fc.assert(fc.property(fc.json(), (text) => void readFrame(JSON.parse(text))))
})

test('leaves prototypes alone', () => {
  const frame = readFrame(
    JSON.parse('{"jsonrpc":"2.0","id":1,"__proto__":{"polluted":1},"result":{"__proto__":{"polluted":1}}}'),
  )
  expect(frame.kind).toBe('response')
  expect(frame).not.toHaveProperty('polluted')
  expect({}).not.toHaveProperty('polluted')
})
