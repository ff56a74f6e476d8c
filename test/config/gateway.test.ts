import { describe, expect, it } from 'vitest'

import { loadConfig, parseConfig, resolveGateway } from '../../src/config/index.js'

const findingsOf = (gateway: unknown) =>
  loadConfig(JSON.stringify({ mcpServers: { a: { command: 'x' } }, gateway }, null, 1)).document.map(
    ({ code, message, hint, line }) => ({ code, message, hint, line }),
  )

describe('the object gateway', () => {
  it('is read as it is written', () => {
    const gateway = {
      naming: 'prefix',
      exposure: 'search',
      view: { deny: ['a/rm'] },
      views: { reader: { token: '${READER}', allow: ['a/read_*'] } },
    }
    expect(loadConfig(JSON.stringify({ mcpServers: { a: { command: 'x' } }, gateway }))).toMatchObject({
      verdict: 'valid',
      gateway,
    })
  })

  it.each([
    [{ naming: 'short' }, '"gateway.naming" must be "prefix" or "plain", got "short"'],
    [{ view: { allow: 'a' } }, '"gateway.view.allow" must be an array of patterns, got "a"'],
    [
      { views: { r: { token: '${T}', deny: [1] } } },
      '"gateway.views.r.deny.0" must be a pattern "server" or "server/tool", got 1',
    ],
    [{ views: { r: { token: 7 } } }, '"gateway.views.r.token" must be a string, best a placeholder, got number'],
    [{ views: { r: {} } }, '"gateway.views.r.token" must be a string, best a placeholder, got undefined'],
    [[], '"gateway" must be an object, got array'],
  ])('refuses %j with its place', (gateway, message) => {
    const [finding] = findingsOf(gateway)
    expect(finding).toMatchObject({ code: 'bad-gateway', message })
    expect(finding?.line).toBeGreaterThan(1)
    expect(() => parseConfig({ mcpServers: {}, gateway })).toThrow(message)
  })

  it('refuses an unknown key with the one that was meant', () => {
    expect(findingsOf({ views: { r: { token: '${T}', alow: ['a'] } } })).toMatchObject([
      { code: 'bad-gateway', message: '"gateway.views.r.alow" is not a known key', hint: 'did you mean "allow"?' },
    ])
  })

  it('warns of a token that stands in the file, and never shows it', () => {
    const found = findingsOf({ views: { r: { token: 'hunter2-hunter2-hunter2' } } })
    expect(found).toMatchObject([{ code: 'plain-token' }])
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })

  it('is a server like any other in a document that is the map itself', () => {
    const loaded = loadConfig('{ "gateway": { "command": "x" } }')
    expect([...loaded.servers.keys()]).toEqual(['gateway'])
    expect(loaded.gateway).toEqual({})
  })

  it('is resolved with every token, or names every variable that is missing', () => {
    const views = { a: { token: '${A}' }, b: { token: '${B:-b}', deny: ['x'] } }
    expect(resolveGateway({ views }, { env: { A: 'a' } })).toEqual({
      views: { a: { token: 'a' }, b: { token: 'b', deny: ['x'] } },
    })
    expect(() => resolveGateway({ views }, { env: {} })).toThrow('need A, which is not set')
  })
})
