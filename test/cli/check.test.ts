import { describe, expect, it } from 'vitest'

import { stdioServer } from '../support/fixture-servers.js'
import { folderOf, mainPath, plainEnvironment, runCommand, runOnTerminal } from './command-line.js'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const threeMistakes = `{
  "mcpServers": {
    "files": { "command": "npx", "args": "-y server-filesystem" },
    "web": { "type": "htp", "url": "https://example.com/mcp", "headers": { "Authorization": "Bearer sk-hidden-1" } },
    "github": { "comand": "npx", "env": { "TOKEN": "sk-hidden-2" } },
    "fine": { "command": "node", "args": ["server.js"] }
  }
}
`
const fine = { mcpServers: { fine: { command: 'node', args: ['server.js'] } } }
const warned = { mcpServers: { odd: { command: 'node', colour: 'red' } } }

describe('mcpvisor check', () => {
  it('frames each mistake with its line, a caret and a hint, and shows no secret', async () => {
    const cwd = folderOf({ 'mcp.json': threeMistakes })
    const { code, stdout, stderr } = await runCommand(['check', 'mcp.json'], { cwd })
    expect(code).toBe(6)
    expect(stderr).toBe('')
    expect(stdout).toMatchInlineSnapshot(`
      "mcp.json
        invalid      files
        invalid      web
        invalid      github
        ok           fine

      error: Server "files": "args" must be an array, got string
       --> mcp.json:3:34
      3 |     "files": { "command": "npx", "args": "-y server-filesystem" },
        |                                  ^

      error: Server "web": "type" must be "stdio", "http" or "sse", got "htp"
       --> mcp.json:4:14
      4 |     "web": { "type": "htp", "url": "https://example.com/mcp", "headers": { "Authorization": "******************" } },
        |              ^
        = hint: did you mean "http"?

      error: Server "github" must specify either "command" (stdio) or "url" (HTTP) transport
       --> mcp.json:5:5
      5 |     "github": { "comand": "npx", "env": { "TOKEN": "***********" } },
        |     ^

      warning: Server "github": "comand" is not known and has no effect
       --> mcp.json:5:17
      5 |     "github": { "comand": "npx", "env": { "TOKEN": "***********" } },
        |                 ^
        = hint: did you mean "command"?

      4 servers: 3 invalid, 1 ok
      "
    `)
    expect(stdout).not.toContain('sk-hidden')
  })

  it('accepts a configuration without mistakes, and one with warnings unless it is strict', async () => {
    const cwd = folderOf({ 'fine.json': fine, 'warned.json': warned })
    expect(await runCommand(['check', 'fine.json', '--strict'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect(await runCommand(['check', 'warned.json'], { cwd })).toMatchObject({ code: 0 })
    expect(await runCommand(['check', 'warned.json', '--strict'], { cwd })).toMatchObject({ code: 6 })
  })

  it('prints one JSON document for all files', async () => {
    const cwd = folderOf({ 'fine.json': fine, 'bad.json': threeMistakes })
    const { code, stdout } = await runCommand(['check', '--json', 'fine.json', 'bad.json'], { cwd })
    const report = JSON.parse(stdout) as { ok: boolean; files: { file: string; verdict: string; servers: unknown[] }[] }
    expect(code).toBe(6)
    expect(report.ok).toBe(false)
    expect(report.files.map(({ verdict }) => verdict)).toEqual(['valid', 'invalid'])
    expect(report.files[1]?.servers).toContainEqual(
      expect.objectContaining({
        name: 'web',
        verdict: 'invalid',
        findings: [expect.objectContaining({ code: 'unknown-type', line: 4, column: 14 })],
      }),
    )
  })

  it('annotates lines for GitHub', async () => {
    const cwd = folderOf({ 'mcp.json': threeMistakes })
    const { stdout } = await runCommand(['check', 'mcp.json', '-o', 'github'], { cwd })
    expect(stdout.split('\n')[0]).toBe(
      '::error file=mcp.json,line=3,col=34,title=bad-args::Server "files": "args" must be an array, got string',
    )
  })

  it('tells of variables that are not set when it is asked to resolve', async () => {
    const cwd = folderOf({ 'mcp.json': { mcpServers: { a: { command: 'node', env: { KEY: '${CLI_TEST_KEY}' } } } } })
    expect(await runCommand(['check', 'mcp.json'], { cwd })).toMatchObject({ code: 0 })
    const { code, stdout } = await runCommand(['check', 'mcp.json', '--resolve'], { cwd })
    expect(code).toBe(6)
    expect(stdout).toContain('unresolved   a  Server "a" needs CLI_TEST_KEY, which is not set')
    const env = { CLI_TEST_KEY: 'value' }
    expect(await runCommand(['check', 'mcp.json', '--resolve'], { cwd, env })).toMatchObject({ code: 0 })
  })

  it('starts, lists and stops every server when it is asked to connect', async () => {
    const server = stdioServer()
    const cwd = folderOf({
      'mcp.json': { mcpServers: { real: server.entry, missing: { command: 'no-such-command' } } },
    })
    const { code, stdout } = await runCommand(['check', 'mcp.json', '--connect', '--json'], { cwd })
    expect(code).toBe(4)
    const { files } = JSON.parse(stdout) as { files: { servers: { name: string; probe: unknown }[] }[] }
    expect(files[0]?.servers).toMatchObject([
      { name: 'real', probe: { ok: true, tools: 12, transport: 'stdio', endedBy: 'stdin' } },
      { name: 'missing', probe: { ok: false, code: 'SPAWN_FAILED' } },
    ])
    expect(server.pids()).toHaveLength(1)
    expect(server.received('tools/list')).toBeGreaterThan(0)
  })

  it('says what a server wrote before it gave up', async () => {
    const entry = { command: process.execPath, args: ['-e', 'console.error("no licence found"); process.exit(3)'] }
    const cwd = folderOf({ 'mcp.json': { mcpServers: { entry } } })
    const { code, stdout } = await runCommand(['check', 'mcp.json', '--connect'], { cwd })
    expect(code).toBe(4)
    expect(stdout).toContain('stderr: no licence found')
  })

  it('says what a program prints that is no MCP server', async () => {
    const entry = { command: process.execPath, args: ['-e', 'console.log("usage: web"); setInterval(() => {}, 1e6)'] }
    const cwd = folderOf({ 'mcp.json': { mcpServers: { entry } } })
    const { code, stdout } = await runCommand(['check', 'mcp.json', '--connect', '--timeout', '1500'], { cwd })
    expect(code).toBe(4)
    expect(stdout).toContain('CONNECT_TIMEOUT: Server "entry" was not ready within 1500 ms')
    expect(stdout).toContain('stderr: (stdout) usage: web')
  })

  it('exits 2 when it is used wrongly, as a line of JSON when that is asked for', async () => {
    expect(await runCommand(['chek'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('hint: did you mean check?'),
    })
    expect(await runCommand([])).toMatchObject({ code: 2, stdout: '' })
    expect(await runCommand(['check', '--timeout', 'soon'])).toMatchObject({ code: 2, stdout: '' })
    const { code, stderr } = await runCommand(['check', '--wrong', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'USAGE', message: "unknown option '--wrong'" } })
  })

  it('exits 6 for a file that cannot be read', async () => {
    const { code, stderr } = await runCommand(['check', 'missing.json', '--json'])
    expect(code).toBe(6)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'CONFIG_INVALID' } })
  })

  it('colours a terminal, no pipe, and what it is told to', async () => {
    const cwd = folderOf({ 'fine.json': fine })
    const escape = '\u001b['
    const [piped, forced, terminal, colourless, asked] = await Promise.all([
      runCommand(['check', 'fine.json'], { cwd }),
      runCommand(['check', 'fine.json'], { cwd, env: { FORCE_COLOR: '1' } }),
      runOnTerminal(['check', 'fine.json'], '', { cwd }),
      runOnTerminal(['check', 'fine.json'], '', { cwd, env: { NO_COLOR: '1' } }),
      runOnTerminal(['--no-color', 'check', 'fine.json'], '', { cwd }),
    ])
    expect([piped, forced, terminal, colourless, asked].map(({ stdout }) => stdout.includes(escape))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ])
  })

  it('ends quietly when its reader goes away', async () => {
    const cwd = folderOf({
      'mcp.json': { mcpServers: Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`s${n}`, {}])) },
    })
    const script = `'${process.execPath}' '${mainPath}' check mcp.json | head -n 1`
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', script], { cwd, env: plainEnvironment(cwd) })
    expect(stdout).toBe('mcp.json\n')
    expect(stderr).toBe('')
  })
})
