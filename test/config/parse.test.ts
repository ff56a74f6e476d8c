import { describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../src/config/defaults.js'
import type { ServerEntry } from '../../src/config/entry.js'
import { parseConfig } from '../../src/config/parse.js'

function parseOne(entry: unknown, name = 's') {
  const parsed = parseConfig({ mcpServers: Object.fromEntries([[name, entry]]) }).servers.get(name)
  if (!parsed) throw new Error('the entry is missing')
  return parsed
}

function messageOf(entry: unknown): string {
  const parsed = parseOne(entry)
  return parsed.ok ? 'valid' : parsed.message
}

function entryOf(entry: unknown): ServerEntry {
  const parsed = parseOne(entry)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.entry
}

describe('the top level', () => {
  test.each([
    [null, 'null'],
    [[], 'array'],
    ['x', 'string'],
    [7, 'number'],
    [undefined, 'undefined'],
  ])('refuses %j, naming its type', (input, type) => {
    expect(() => parseConfig(input)).toThrow(`MCP configuration must be an object, got ${type}`)
  })

  test.each([
    [null, 'null'],
    [[], 'array'],
    ['x', 'string'],
  ])('refuses mcpServers %j, naming its type', (mcpServers, type) => {
    expect(() => parseConfig({ mcpServers })).toThrow(`"mcpServers" must be an object, got ${type}`)
    expect(() => parseConfig({ mcpServers })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', phase: 'config' }),
    )
  })

  test('tells a missing mcpServers from an empty one', () => {
    expect(parseConfig({})).toMatchObject({ missing: true, raw: {} })
    expect(parseConfig({ other: 1 })).toMatchObject({ missing: true })
    expect(parseConfig({ mcpServers: {} })).toMatchObject({ missing: false })
    expect(parseConfig({ mcpServers: {} }).servers.size).toBe(0)
  })

  test('keeps the order of the configuration, bad entries included', () => {
    const { servers } = parseConfig({ mcpServers: { z: { command: 'a' }, bad: 1, a: { url: 'https://a.example' } } })
    expect([...servers].map(([name, { ok }]) => [name, ok])).toEqual([
      ['z', true],
      ['bad', false],
      ['a', true],
    ])
  })

  test('keeps a frozen copy of what was given, which later changes do not reach', () => {
    const config = { mcpServers: { a: { command: 'x', args: ['1'] }, bad: 5 } }
    const { raw } = parseConfig(config)
    config.mcpServers.a.args.push('2')
    expect(raw).toEqual({ a: { command: 'x', args: ['1'] }, bad: 5 })
    expect(Object.isFrozen(raw) && Object.isFrozen(raw['a'])).toBe(true)
  })

  test('refuses a value that contains itself', () => {
    const config: Record<string, unknown> = { mcpServers: {} }
    config['self'] = config
    expect(() => parseConfig(config)).toThrow('nested at most 100 levels deep')
  })

  test('applies supervisor defaults of the host below those of the document, and those below the entry', () => {
    const document = {
      supervisor: { retries: 7, maxQueue: 5 },
      mcpServers: { a: { command: 'x', supervisor: { maxQueue: 9 } } },
    }
    const parsed = parseConfig(document, { defaults: { retries: 1, factor: 3 } }).servers.get('a')
    expect(parsed).toMatchObject({
      ok: true,
      entry: { policy: { ...defaultPolicy, retries: 7, factor: 3, maxQueue: 9 } },
    })
  })

  test('refuses wrong supervisor defaults, of the document or the host', () => {
    expect(() => parseConfig({ supervisor: { retries: -1 }, mcpServers: {} })).toThrow(
      '"supervisor.retries" must be an integer >= 0, got -1',
    )
    expect(() => parseConfig({ mcpServers: {} }, { defaults: { factor: 0 } })).toThrow(
      '"defaults.factor" must be a number from 1 to 1000, got 0',
    )
  })
})

describe('an entry', () => {
  test.each([
    [{}, 'Server "s" must specify either "command" (stdio) or "url" (HTTP) transport'],
    [{ command: 'x', url: 'https://x.example' }, 'Server "s" cannot have both "command" and "url"'],
    [{ command: 42 }, 'Server "s": "command" must be a string, got number'],
    [{ command: null }, 'Server "s": "command" must be a string, got null'],
    [{ command: 'x', args: 'one' }, 'Server "s": "args" must be an array, got string'],
    [{ command: 'x', env: 'A=b' }, 'Server "s": "env" must be an object, got string'],
    [{ url: 42 }, 'Server "s": "url" must be a string, got number'],
    [{ url: 'https://x.example', headers: ['A: b'] }, 'Server "s": "headers" must be an object, got array'],
    [null, 'Server "s" must be an object, got null'],
    [[], 'Server "s" must be an object, got array'],
    ['npx', 'Server "s" must be an object, got string'],
  ])('%j is refused in our words', (entry, message) => {
    expect(messageOf(entry)).toBe(message)
  })

  test('is checked in a fixed order: the first fault is the message', () => {
    expect(messageOf({ command: 1, args: 'x', env: [1] })).toContain('"command"')
    expect(messageOf({ command: 'x', args: 'x', env: 1 })).toContain('"args"')
    expect(messageOf({ url: 1, headers: 1 })).toContain('"url"')
  })

  test('never shows the value of a variable or header', () => {
    const secret = 'hunter2hunter2'
    for (const entry of [
      { command: 'x', env: { KEY: { nested: secret } } },
      { command: 'x', env: { KEY: `\${cmd: ${secret}}` } },
      { command: 'x', env: secret },
      { url: 'https://x.example', headers: { A: `${secret}\nB: c` } },
      { url: `ftp://user:${secret}@x` },
      { url: 'https://x.example', oauth: { clientSecret: [secret] } },
    ]) {
      expect(messageOf(entry)).not.toBe('valid')
      expect(messageOf(entry)).not.toContain(secret)
    }
  })

  test('of stdio has empty args and env by default', () => {
    expect(entryOf({ command: 'x' })).toEqual({
      endpoint: { transport: 'stdio', command: 'x', args: [], env: {} },
      policy: defaultPolicy,
      disabled: false,
    })
  })

  test('with a url alone tries both HTTP transports, and only the one that its type says', () => {
    expect(entryOf({ url: 'https://x.example/mcp' }).endpoint).toMatchObject({ transport: 'auto', headers: {} })
    expect(entryOf({ type: 'streamable-http', url: 'https://x.example' }).endpoint.transport).toBe('http')
    expect(entryOf({ type: 'sse', url: 'https://x.example' }).endpoint.transport).toBe('sse')
    expect(entryOf({ url: 'https://x.example/sse?k=1' }).endpoint.transport).toBe('sse')
  })

  test('is read in the words of other clients', () => {
    const entry = entryOf({
      type: 'local',
      cmd: 'x',
      environment: { A: 1 },
      timeout: 60,
      enabled: false,
      allowedTools: ['a'],
    })
    expect(entry).toMatchObject({ endpoint: { command: 'x', env: { A: '1' } }, disabled: true, includeTools: ['a'] })
    expect(entry.policy.callTimeoutMs).toBe(60_000)
  })

  test('raises the hard cap of a call to a longer timeout of another client', () => {
    expect(entryOf({ command: 'x', timeout: 1_800_000 }).policy).toMatchObject({
      callTimeoutMs: 1_800_000,
      maxCallTimeoutMs: 1_800_000,
    })
  })

  test('takes a command array apart', () => {
    expect(entryOf({ command: ['npx', '-y'], args: ['a'] }).endpoint).toMatchObject({
      command: 'npx',
      args: ['-y', 'a'],
    })
  })

  test('takes the token of auth as a bearer header, unless there is an Authorization', () => {
    expect(entryOf({ url: 'https://x.example', bearerTokenEnv: 'TOKEN' }).endpoint).toMatchObject({
      headers: { Authorization: 'Bearer ${TOKEN}' },
    })
    expect(
      entryOf({ url: 'https://x.example', auth: 'abcd', headers: { authorization: 'Basic x' } }).endpoint,
    ).toMatchObject({
      headers: { authorization: 'Basic x' },
    })
    expect(entryOf({ url: 'https://x.example', auth: 'oauth' }).oauth).toEqual({})
  })

  test('that restricts a server in a way we cannot enforce is refused', () => {
    expect(messageOf({ command: 'x', sandboxEnabled: true })).toContain('cannot be enforced')
    expect(messageOf({ command: 'x', sandboxEnabled: false })).toBe('valid')
  })

  test('with a wrong supervisor object is refused with key, expectation and value', () => {
    expect(messageOf({ command: 'x', supervisor: { shutdownTimeoutMs: -1 } })).toBe(
      'Server "s": "supervisor.shutdownTimeoutMs" must be a number of milliseconds from 0 to 2147483647, got -1',
    )
    expect(messageOf({ command: 'x', supervisor: { retrys: 1 } })).toBe(
      'Server "s": "supervisor.retrys" is not a known key; did you mean "retries"?',
    )
  })
})

describe('names are data', () => {
  test.each(['__proto__', 'constructor', 'prototype', ''])('refuses %j and keeps the others', (name) => {
    const { servers } = parseConfig(
      JSON.parse(`{"mcpServers":{${JSON.stringify(name)}:{"command":"x"},"good":{"command":"x"}}}`),
    )
    expect(servers.get(name)).toMatchObject({ ok: false })
    expect(servers.get('good')).toMatchObject({ ok: true })
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['command']).toBeUndefined()
  })

  test.each(['../x', 'CON', 'a b', 'Сontext7', 'toString', 'hasOwnProperty'])('takes %j', (name) => {
    expect(parseOne({ command: 'x' }, name)).toMatchObject({ ok: true })
  })

  test('takes a name of 10,000 characters', () => {
    expect(parseOne({ command: 'x' }, 'x'.repeat(10_000))).toMatchObject({ ok: true })
  })

  test('cuts a long name in messages', () => {
    const parsed = parseOne({}, 'x'.repeat(10_000))
    expect(!parsed.ok && parsed.message.length).toBeLessThan(300)
  })

  test('refuses the second of two names that are the same once sanitised', () => {
    const { servers } = parseConfig({ mcpServers: { 'my server': { command: 'x' }, my_server: { command: 'x' } } })
    expect([...servers.values()].map(({ ok }) => ok)).toEqual([true, false])
    const chinese = parseConfig({ mcpServers: { 天气: { command: 'x' }, 地图: { command: 'x' } } })
    expect([...chinese.servers.values()].map(({ ok }) => ok)).toEqual([true, true])
  })
})
