import { describe, expect, it } from 'vitest'

import { headerValue, parameterHeaders, readMirroredParameters } from '../../../src/actors/session/parameter-headers.js'

const marked = (name: unknown, type = 'string') => ({ type, 'x-mcp-header': name })
const read = (properties: object) => readMirroredParameters({ type: 'object', properties })

describe('the marks of a tool', () => {
  it('are found at any depth of properties', () => {
    const nested = { type: 'object', properties: { deep: marked('Deep', 'integer') } }
    expect(read({ region: marked('Region'), nested, plain: { type: 'string' } })).toEqual({
      parameters: [
        { header: 'mcp-param-region', path: ['region'] },
        { header: 'mcp-param-deep', path: ['nested', 'deep'] },
      ],
    })
  })

  it('are none in a schema without any, whatever it is', () => {
    for (const schema of [undefined, null, true, [], 'text', { properties: null }, { properties: [1] }]) {
      expect(readMirroredParameters(schema)).toEqual({ parameters: [] })
    }
  })

  it.each([
    ['an empty name', { a: marked('') }],
    ['a name that is no text', { a: marked(7) }],
    ['a name with a space', { a: marked('My Region') }],
    ['a name with a line break', { a: marked('Region\r\nX: y') }],
    ['a number', { a: marked('A', 'number') }],
    ['an object', { a: marked('A', 'object') }],
    ['two names that differ in case alone', { a: marked('Same'), b: marked('same') }],
    ['items of an array', { a: { type: 'array', items: marked('A') } }],
    ['an alternative', { a: { anyOf: [marked('A')] } }],
    ['a definition', { a: { $defs: { a: marked('A') } } }],
  ])('forbid the tool when they are on %s', (_, properties) => {
    expect(read(properties)).toHaveProperty('wrong')
  })

  it('forbid the tool when the whole of its arguments is marked', () => {
    expect(readMirroredParameters(marked('All'))).toHaveProperty('wrong')
  })

  it('count for nothing within an example', () => {
    expect(read({ a: { type: 'object', default: marked('A') } })).toEqual({ parameters: [] })
  })

  it('are not looked for in a schema that has no end', () => {
    const endless: Record<string, unknown> = { type: 'object' }
    endless['properties'] = { again: endless }
    expect(readMirroredParameters(endless)).toEqual({ parameters: [] })
  })
})

describe('the headers of a call', () => {
  const parameters = [
    { header: 'mcp-param-region', path: ['region'] },
    { header: 'mcp-param-deep', path: ['nested', 'deep'] },
  ]

  it('are the values as text', () => {
    expect(parameterHeaders(parameters, { region: 'us', nested: { deep: 42 } })).toEqual({
      'mcp-param-region': 'us',
      'mcp-param-deep': '42',
    })
    expect(parameterHeaders(parameters, { region: false })).toEqual({ 'mcp-param-region': 'false' })
  })

  it('leave out what is absent, null, or no scalar', () => {
    for (const args of [undefined, {}, { region: null }, { region: {} }, { region: 0.5 }, { nested: 'deep' }]) {
      expect(parameterHeaders(parameters, args)).toEqual({})
    }
  })

  it.each([
    ['us-west1', 'us-west1'],
    ['us west 1', 'us west 1'],
    ['', ''],
    ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
    [' padded ', '=?base64?IHBhZGRlZCA=?='],
    ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
    ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
  ])('carry %j as %j', (text, header) => {
    expect(headerValue(text)).toBe(header)
  })
})
