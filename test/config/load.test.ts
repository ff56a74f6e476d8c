import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfigFile } from '../../src/config/load-file.js'
import { loadConfig } from '../../src/config/load.js'

const placesOf = (text: string) => {
  const { document, servers } = loadConfig(text)
  const all = [...document, ...[...servers.values()].flatMap(({ findings }) => findings)]
  return all.map(({ code, line, column }) => `${code} ${line}:${column}`)
}

describe('the place of a finding', () => {
  test('is the key it is about, in lines and columns counted from 1', () => {
    const text = '{\n  "mcpServers": {\n    "a": { "command": "x",\n      "args": [1, null] }\n  }\n}'
    expect(placesOf(text)).toEqual(['bad-args 4:19'])
  })

  test('is the entry when what is missing has no place', () => {
    expect(placesOf('{"mcpServers":{\n\n  "a": {}\n}}')).toEqual(['no-transport 3:3'])
  })

  test.each(['\n', '\r\n', '\r'])('counts lines that end with %j, and no byte order mark', (end) => {
    expect(placesOf(['\uFEFF{', '"mcpServers": {', '"a": 1}}'].join(end))).toEqual(['server-not-object 3:1'])
  })

  test('in a nested transport is where it was written', () => {
    expect(placesOf('{"mcpServers":{"a":{"transport":{\n"url":"ftp://x"}}}}')).toEqual([
      'nested-transport 1:21',
      'bad-url 2:1',
    ])
  })

  test('of what is there more than once is the last one', () => {
    expect(placesOf('{"mcpServers":{"a":{"command":"x"},\n"a":{"command":"y",\n"command":"z"}}}')).toEqual([
      'duplicate-server 2:1',
      'duplicate-key 3:1',
    ])
  })

  test('of a broken text is where it breaks', () => {
    expect(placesOf('{\n  "mcpServers": tru\n}')).toEqual(['syntax 2:17'])
  })
})

describe('a text that cannot be read', () => {
  test.each([
    ['', 'empty-file'],
    [' \n\t', 'empty-file'],
    ['\uFEFF', 'empty-file'],
    ['// only a comment', 'syntax'],
    ['[mcp_servers.x]\ncommand = "x"', 'unsupported-format'],
    ['mcpServers:\n  x:\n    command: y', 'unsupported-format'],
    ['{mcpServers: {}}', 'syntax'],
    ["{'mcpServers': {}}", 'syntax'],
    ['{"mcpServers": {}} trailing', 'syntax'],
    ['[]', 'not-object'],
    ['null', 'not-object'],
    ['"text"', 'not-object'],
    ['{}', 'no-servers-key'],
    ['['.repeat(200_000), 'syntax'],
    [`${'{"a":'.repeat(100_000)}1`, 'syntax'],
  ])('%.40j is told so', (text, code) => {
    const loaded = loadConfig(text)
    expect(loaded.verdict).toBe('invalid')
    expect(loaded.document.map((finding) => finding.code)).toContain(code)
    expect(loaded.servers.size).toBe(0)
  })

  test('gets a hint: braces around a fragment, the right spelling', () => {
    expect(loadConfig('"mcpServers": {}').document[0]?.hint).toBe('put { and } around it')
    expect(loadConfig('{"mcpserver": {}}').document[0]?.hint).toBe('did you mean "mcpServers"?')
    expect(loadConfig('mcpServers:\n  x: 1').document[0]?.message).toContain('YAML')
  })
})

describe('loadConfig', () => {
  test('keeps good servers beside bad ones', () => {
    const { verdict, servers } = loadConfig('{"mcpServers":{"bad":{},"good":{"command":"x"}}}')
    expect(verdict).toBe('invalid')
    expect(servers.get('bad')).not.toHaveProperty('entry')
    expect(servers.get('good')).toMatchObject({ verdict: 'valid', entry: { endpoint: { command: 'x' } } })
  })

  test('refuses a bad top-level supervisor object at its key', () => {
    expect(placesOf('{"supervisor":\n{"retries":-1},"mcpServers":{}}')).toContain('bad-policy 2:2')
  })

  test('gives a config that no key of a document can turn into a prototype', () => {
    const { config, verdict } = loadConfig('{"__proto__":{"polluted":1},"mcpServers":{"__proto__":{"polluted":1}}}')
    expect(verdict).toBe('invalid')
    expect(Object.getPrototypeOf(config)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('loadConfigFile', () => {
  let directory = ''
  const path = (name: string) => join(directory, name)
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcpvisor-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  test.each([
    ['utf-8 with a mark', Buffer.from('\uFEFF{"mcpServers":{"ä":{"command":"x"}}}')],
    ['utf-16', Buffer.from('\uFEFF{"mcpServers":{"ä":{"command":"x"}}}', 'utf16le')],
    ['utf-16, big end first', Buffer.from('\uFEFF{"mcpServers":{"ä":{"command":"x"}}}', 'utf16le').swap16()],
  ])('reads %s', async (_encoding, bytes) => {
    await writeFile(path('mcp.json'), bytes)
    expect([...(await loadConfigFile(path('mcp.json'))).servers.keys()]).toEqual(['ä'])
  })

  test('names a file that cannot be read', async () => {
    const failing = loadConfigFile(path('none.json'))
    await expect(failing).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('none.json'),
    })
    await expect(loadConfigFile(directory)).rejects.toThrow('not a regular file')
  })

  test.skipIf(process.platform === 'win32')('does not wait for the writer of a pipe', async () => {
    execFileSync('mkfifo', [path('pipe')])
    await expect(loadConfigFile(path('pipe'))).rejects.toThrow('not a regular file')
  })
})
