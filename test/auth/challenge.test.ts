import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseChallenge, scopesIn } from '../../src/auth/challenge.js'

describe('a challenge', () => {
  test.each([
    ['is its status without a header', undefined, {}],
    ['is its status without a Bearer part', 'Basic realm="files, Bearer scope=all"', {}],
    [
      'has a scope and an error',
      'Bearer error="insufficient_scope", scope="a b"',
      { error: 'insufficient_scope', scope: 'a b' },
    ],
    ['may be one of several', 'Basic realm="x", bearer scope=a, Digest scope="b"', { scope: 'a' }],
    ['may hold quotes in quotes', String.raw`Bearer realm="a \"b\", scope=c", scope="d"`, { scope: 'd' }],
    [
      'names metadata',
      'Bearer resource_metadata="https://a.example/.well-known/x"',
      { resourceMetadataUrl: 'https://a.example/.well-known/x' },
    ],
    ['that is too long is not read', `Bearer scope="${'a'.repeat(20_000)}"`, {}],
  ])('%s', (_, header, expected) => {
    expect(parseChallenge(401, header)).toEqual({ status: 401, ...expected })
  })

  test('gives back what was put into it, whatever stands before', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ',', '=', '"', '\\'), maxLength: 12 })
    const quoted = (value: string) => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`
    fc.assert(
      fc.property(text, text, (realm, scope) => {
        const header = `Basic realm=${quoted(realm)}, Bearer realm=${quoted(realm)}, scope=${quoted(scope)}`
        expect(parseChallenge(403, header)).toEqual({ status: 403, scope })
      }),
    )
  })

  test('never fails', () => {
    fc.assert(fc.property(fc.string(), (header) => void parseChallenge(401, `Bearer ${header}`)))
  })
})

test('scopes are told apart by blanks, and each counts once', () => {
  expect(scopesIn('a  b', undefined, 'b c ')).toEqual(['a', 'b', 'c'])
})
