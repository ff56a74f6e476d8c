import { describe, expect, it } from 'vitest'

import { maskedSource } from '../../src/cli/masked-source.js'

describe('a quoted source', () => {
  it.each([
    ['values of env', `"env": { "KEY": "abc", "N": 12 }`, `"env": { "KEY": "***", "N": ** }`],
    ['values of headers', `"headers": {"Authorization":"Bearer a}b"}`, `"headers": {"Authorization":"**********"}`],
    ['values after an escaped quote', String.raw`"env": {"A": "x\"y", "B": "z"}`, `"env": {"A": "****", "B": "*"}`],
    ['values in single quotes', `env: { KEY: 'abc' }`, `env: { KEY: '***' }`],
    ['a list of assignments', `"env": ["KEY=abc", "B"]`, `"env": ["KEY=***", "B"]`],
    ['a text where an object belongs', `"env": "KEY=abc"`, `"env": "*******"`],
    ['an object that does not end', `"env": { "KEY": "abc`, `"env": { "KEY": "***`],
    [
      'logins and queries of addresses',
      `"url": "https://me:pw@host/x?key=abc&b=c#d"`,
      `"url": "https://*****@host/x?key=***&b=*#d"`,
    ],
    ['defaults of placeholders', '"env": { "KEY": "${NAME:-abc}" }', '"env": { "KEY": "${NAME******" }'],
  ])('stars %s and keeps every place', (_, source, shown) => {
    expect(maskedSource(source)).toBe(shown)
    expect(maskedSource(source)).toHaveLength(source.length)
  })

  it('leaves all else as it is', () => {
    const source = `{ "mcpServers": { "my-env": { "command": "npx", "args": ["-y", "x@1"], "env": {}, "url": "https://h/p" } } }`
    expect(maskedSource(source)).toBe(source)
  })
})
