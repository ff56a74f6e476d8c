import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

import { namedFile } from '../../../src/cli/import/find-files.js'
import { readForeignServers } from '../../../src/cli/import/foreign-servers.js'
import { standardEntry } from '../../../src/cli/import/standard-entry.js'
import { loadConfig } from '../../../src/config/index.js'
import { corpus } from '../../config/corpus.js'
import { folderOf } from '../command-line.js'

/** What a file of a client comes to: the entries as they would be written. */
async function imported(name: string, text: string, project?: string) {
  const folder = folderOf()
  const path = join(folder, name.replaceAll('/', '-'))
  writeFileSync(path, text)
  const file = { ...namedFile(join('/', name), [], '/'), path }
  const { servers, leftOut } = await readForeignServers(file, project ?? folder, folder)
  const entries = servers.map((server) => [server.name, server.entry ? standardEntry(server.entry) : server.problem])
  return { client: file.client.name, entries: Object.fromEntries(entries) as object, leftOut, servers }
}

describe('the servers of another client', () => {
  it('of Codex name their variables instead of quoting them, and count seconds', async () => {
    const { client, entries } = await imported(
      '.codex/config.toml',
      `model = "gpt"
[mcp_servers.files]
command = "npx"
args = ["-y", "files"]
env_vars = ["HOME_TOKEN"]
tool_timeout_sec = 120
enabled_tools = ["read"]
[mcp_servers.web]
url = "https://web.test/mcp"
bearer_token_env_var = "WEB_TOKEN"
env_http_headers = { X-Team = "TEAM" }
enabled = false
`,
    )
    expect(client).toBe('codex')
    expect(entries).toEqual({
      files: {
        command: 'npx',
        args: ['-y', 'files'],
        env: { HOME_TOKEN: '${HOME_TOKEN:-}' },
        includeTools: ['read'],
        supervisor: { callTimeoutMs: 120_000 },
      },
      web: {
        url: 'https://web.test/mcp',
        headers: { Authorization: 'Bearer ${WEB_TOKEN}', 'X-Team': '${TEAM:-}' },
        disabled: true,
      },
    })
  })

  it.each([
    [
      'zed',
      'zed/settings.json',
      '{ "theme": "One", "context_servers": { "a": { "command": { "path": "run", "args": ["x"] }, "timeout": 300 } }, }',
      { command: 'run', args: ['x'], supervisor: { callTimeoutMs: 300_000 } },
    ],
    [
      'cline',
      'settings/cline_mcp_settings.json',
      '{ "mcpServers": { "a": { "url": "https://a.test/x", "timeout": 30 } } }',
      { type: 'sse', url: 'https://a.test/x', supervisor: { callTimeoutMs: 30_000 } },
    ],
    [
      'gemini',
      '.gemini/settings.json',
      '{ "mcp": { "excluded": ["a"] }, "mcpServers": { "a": { "httpUrl": "https://a.test/$PLACE" } } }',
      { type: 'http', url: 'https://a.test/${PLACE}', disabled: true },
    ],
    [
      'opencode',
      'opencode.json',
      '{ "mcp": { "a": { "type": "local", "command": ["bun", "x"], "environment": { "K": "{env:KEY}" }, "timeout": 9000 } } }',
      { command: 'bun', args: ['x'], env: { K: '${KEY}' }, supervisor: { listTimeoutMs: 9_000 } },
    ],
    [
      'goose',
      'goose/config.yaml',
      'extensions:\n  a:\n    type: stdio\n    cmd: uvx\n    args: [tool]\n    env_keys: [KEY]\n    timeout: 300\n',
      { command: 'uvx', args: ['tool'], env: { KEY: '${KEY}' }, supervisor: { callTimeoutMs: 300_000 } },
    ],
    [
      'continue',
      '.continue/config.yaml',
      'mcpServers:\n  - name: a\n    command: npx\n    env:\n      K: ${{ secrets.KEY }}\n',
      { command: 'npx', env: { K: '${KEY}' } },
    ],
    [
      'librechat',
      'librechat.yaml',
      'mcpServers:\n  a:\n    url: https://a.test/events\n    initTimeout: 5000\n',
      { type: 'sse', url: 'https://a.test/events', supervisor: { connectTimeoutMs: 5_000 } },
    ],
    [
      'windsurf',
      'windsurf/mcp_config.json',
      '{ "mcpServers": { "a": { "serverUrl": "https://a.test/mcp" } } }',
      { url: 'https://a.test/mcp' },
    ],
  ])('of %s are read as that client reads them', async (client, name, text, entry) => {
    const found = await imported(name, text)
    expect(found.client).toBe(client)
    expect(found.entries).toEqual({ a: entry })
  })

  it('of Claude Code are those of the user and of the project at hand; those of others are told', async () => {
    const { entries, leftOut } = await imported(
      '.claude.json',
      JSON.stringify({
        mcpServers: { a: { command: 'a' }, b: { command: 'b' } },
        projects: { '/here': { mcpServers: { b: { command: 'nearer' } } }, '/there': { mcpServers: { c: {} } } },
      }),
      '/here',
    )
    expect(entries).toEqual({ a: { command: 'a' }, b: { command: 'nearer' } })
    expect(leftOut).toEqual(['those of the project /there: c'])
  })

  it('are asked for nothing: each input is a variable, two inputs are two, and a default stays one', async () => {
    const { entries, servers } = await imported(
      '.vscode/mcp.json',
      `{ // questions
        "inputs": [
          { "type": "promptString", "id": "api-key", "description": "Key of the API", "password": true },
          { "type": "promptString", "id": "region", "default": "eu" },
        ],
        "servers": { "a": { "command": "a", "args": ["\${input:region}"], "env": { "K": "\${input:api-key}", "L": "\${input:api_key}" } } },
      }`,
    )
    expect(entries).toEqual({
      a: { command: 'a', args: ['${REGION:-eu}'], env: { K: '${API_KEY}', L: '${API_KEY_2}' } },
    })
    expect(servers[0]?.variables).toEqual([{ name: 'API_KEY', description: 'Key of the API' }, { name: 'API_KEY_2' }])
  })

  it('of files with a name that says nothing are known by their keys', async () => {
    const { entries } = await imported('x.toml', '[mcp_servers.a]\ncommand = "a"\n')
    expect(entries).toEqual({ a: { command: 'a' } })
  })
})

const folder = fileURLToPath(new URL('../../fixtures/config-corpus/', import.meta.url))

describe('of the corpus', () => {
  it.each(corpus.map(({ file }) => file))(
    '%s loses no server, and what is taken over is read as it was',
    async (file) => {
      const path = join(folder, file)
      const read = await readForeignServers(namedFile(path, [], folder), '/', '/').catch((error: Error) => error)
      if (read instanceof Error) return expect(read.message).toContain(path)
      for (const { name, entry, problem } of read.servers) {
        if (!entry) return expect(problem).toBeTruthy()
        const written = { mcpServers: { [name]: standardEntry(entry) } }
        expect(loadConfig(JSON.stringify(written)).servers.get(name)?.entry).toEqual(entry)
      }
    },
  )
})
