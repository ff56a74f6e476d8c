import { lstatSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { folderOf, runCommand } from './command-line.js'

function put(folder: string, name: string, content: unknown): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const read = (cwd: string, name = 'mcpvisor.json') => readFileSync(join(cwd, name), 'utf8')
const modeOf = (cwd: string, name = 'mcpvisor.json') => lstatSync(join(cwd, name)).mode & 0o777

describe('mcpvisor import', () => {
  it('lists what clients on this machine have, and takes those of one', async () => {
    const cwd = folderOf()
    put(cwd, '.vscode/mcp.json', { servers: { a: { command: 'a' } } })
    put(cwd, '.cursor/mcp.json', { mcpServers: { b: { command: 'b' } } })
    put(cwd, '.codex/config.toml', '[mcp_servers.c]\ncommand = "c"\n')
    put(cwd, 'config/zed/settings.json', '{ "theme": "One" }')
    put(cwd, '.gemini/settings.json', '{ "mcpServers": ')
    const { code, stdout } = await runCommand(['import', '--json'], { cwd })
    expect(code).toBe(0)
    const { files } = JSON.parse(stdout) as { files: { client: string; servers: string[]; problem?: string }[] }
    expect(files.map(({ client, servers }) => [client, ...servers])).toEqual([
      ['cursor', 'b'],
      ['vscode', 'a'],
      ['gemini'],
      ['codex', 'c'],
    ])
    expect(files.find(({ client }) => client === 'gemini')?.problem).toContain('settings.json:1:')
    expect((await runCommand(['import', '--list', '--from', 'codex'], { cwd })).stdout).toMatch(
      /^codex .*config\.toml +c$/m,
    )
    expect(readdirSync(cwd)).not.toContain('mcpvisor.json')

    expect(await runCommand(['import', '--from', 'c*,vscode'], { cwd })).toMatchObject({ code: 0 })
    expect(JSON.parse(read(cwd))).toEqual({
      mcpServers: { b: { command: 'b' }, a: { command: 'a' }, c: { command: 'c' } },
    })
    expect(await runCommand(['import', '--from', 'vscod'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "vscode"?'),
    })
  })

  it('merges into a file: comments and what is there stay, and the same again changes nothing', async () => {
    const before = `{
    // ours
    "mcpServers": {
        "mine": { "command": "mine" }, // mine alone
        "same": { "args": ["x"], "command": "same" },
    },
    "supervisor": { "retries": 1 }
}
`
    const cwd = folderOf({ 'mcpvisor.jsonc': before })
    put(cwd, 'other.json', {
      mcpServers: { same: { command: 'same', args: ['x'] }, web: { httpUrl: 'https://w.test/mcp' } },
    })
    const first = await runCommand(['import', 'other.json'], { cwd })
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^same +unchanged /m)
    expect(first.stdout).toMatch(/^web +added +w\.test /m)
    const after = read(cwd, 'mcpvisor.jsonc')
    for (const line of before.split('\n').filter((text) => !text.includes('"same"'))) expect(after).toContain(line)
    expect(await runCommand(['check', 'mcpvisor.jsonc', '--strict'], { cwd })).toMatchObject({ code: 0 })
    const again = await runCommand(['import', 'other.json'], { cwd })
    expect(again.stderr).toContain('has them all already')
    expect(read(cwd, 'mcpvisor.jsonc')).toBe(after)
  })

  it('replaces no other definition unasked, names each that differs, and writes nothing then', async () => {
    const cwd = folderOf({ 'mcpvisor.json': { mcpServers: { a: { command: 'mine' } } } })
    const one = put(cwd, 'one.json', { mcpServers: { a: { command: 'one' }, b: { command: 'one' } } })
    const two = put(cwd, 'two.json', { mcpServers: { b: { command: 'two' } } })
    const before = read(cwd)
    const { code, stdout, stderr } = await runCommand(['import', one, two, '--json'], { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } }
    expect(error.code).toBe('CONFLICT')
    expect(error.message).toContain(`"a" differs between ${one} and ${join(cwd, 'mcpvisor.json')}`)
    expect(error.message).toContain(`"b" differs between ${one} and ${two}`)
    expect(read(cwd)).toBe(before)

    expect(await runCommand(['import', one, two, '--except', 'a', '--only', 'b', '--force'], { cwd })).toMatchObject({
      code: 0,
    })
    expect(JSON.parse(read(cwd))).toEqual({ mcpServers: { a: { command: 'mine' }, b: { command: 'two' } } })
    expect(await runCommand(['import', one, two, '--force'], { cwd })).toMatchObject({ code: 0 })
    expect(JSON.parse(read(cwd))).toEqual({ mcpServers: { a: { command: 'one' }, b: { command: 'two' } } })
  })

  it('keeps secrets to the user: the file is theirs alone, and none is printed', async () => {
    const cwd = folderOf()
    put(cwd, 'other.json', {
      mcpServers: {
        a: { command: 'a', args: ['--key', 'sk-1'], env: { K: 'sk-2' } },
        b: { url: 'https://u:sk-3@b.test/' },
      },
    })
    writeFileSync(join(cwd, 'real.json'), '{}', { mode: 0o644 })
    symlinkSync('real.json', join(cwd, 'mcpvisor.json'))
    for (const args of [['--dry-run'], ['--json'], []]) {
      const { code, stdout, stderr } = await runCommand(['import', 'other.json', ...args], { cwd })
      expect(code).toBe(0)
      expect(stdout + stderr).not.toContain('sk-')
      expect(modeOf(cwd, 'real.json')).toBe(args[0] === '--dry-run' ? 0o644 : 0o600)
    }
    expect(lstatSync(join(cwd, 'mcpvisor.json')).isSymbolicLink()).toBe(true)
    expect(readdirSync(cwd).toSorted()).toEqual(['mcpvisor.json', 'other.json', 'real.json'])
  })

  it('makes the file that a link leads to, also when it is not there yet', async () => {
    const cwd = folderOf({ 'other.json': { mcpServers: { a: { command: 'a' } } } })
    mkdirSync(join(cwd, 'dotfiles'))
    symlinkSync('dotfiles/real.json', join(cwd, 'link.json'))
    symlinkSync('link.json', join(cwd, 'mcpvisor.json'))
    expect(await runCommand(['import', 'other.json'], { cwd })).toMatchObject({ code: 0 })
    expect(readFileSync(join(cwd, 'dotfiles/real.json'), 'utf8')).toContain('"command": "a"')
    expect(lstatSync(join(cwd, 'link.json')).isSymbolicLink()).toBe(true)
    expect(lstatSync(join(cwd, 'mcpvisor.json')).isSymbolicLink()).toBe(true)
  })

  it('says what to set, what is left out, and what cannot be taken over, and takes the rest', async () => {
    const cwd = folderOf()
    put(cwd, '.vscode/mcp.json', {
      inputs: [{ type: 'promptString', id: 'github_token', description: 'A token', password: true }],
      servers: {
        github: { type: 'http', url: 'https://g.test/', headers: { Authorization: 'Bearer ${input:github_token}' } },
        watched: { command: 'w', dev: { watch: 'src' }, envFile: 'w.env' },
        boxed: { command: 'b', sandboxEnabled: true },
      },
    })
    const { code, stderr } = await runCommand(['import', '.vscode/mcp.json', 'missing.json'], { cwd })
    expect(code).toBe(6)
    expect(stderr).toContain('github: set the variable GITHUB_TOKEN (A token)')
    expect(stderr).toContain('note: Server "watched": "dev" has no effect')
    expect(stderr).toContain('Server "boxed": "sandboxEnabled" restricts the server')
    expect(stderr).toContain('missing.json')
    expect(JSON.parse(read(cwd))).toEqual({
      mcpServers: {
        github: { type: 'http', url: 'https://g.test/', headers: { Authorization: 'Bearer ${GITHUB_TOKEN}' } },
        watched: { command: 'w', envFile: join(cwd, '.vscode/w.env') },
      },
    })
  })

  it('refuses a file of another form, and one that would be invalid then', async () => {
    const cwd = folderOf({ 'a.json': { mcpServers: { 'a b': { command: 'a' } } } })
    for (const [name, text] of [
      ['broken.json', '{ "mcpServers": '],
      ['vscode.json', '{ "servers": { "x": { "command": "x" } } }'],
      ['list.json', '{ "mcpServers": [] }'],
      ['taken.json', '{ "mcpServers": { "a_b": { "command": "a" } } }'],
    ] as const) {
      put(cwd, name, text)
      const { code, stderr } = await runCommand(['import', 'a.json', '--to', name], { cwd })
      expect(code).toBe(6)
      expect(stderr).toContain(name)
      expect(read(cwd, name)).toBe(text)
    }
    expect(await runCommand(['import', 'a.json', '--to', 'no/folder.json'], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no/folder.json could not be written'),
    })
  })

  it('takes no file that it cannot reach for one that is not there', async () => {
    const cwd = folderOf({ 'a.json': { mcpServers: { a: { command: 'a' } } } })
    symlinkSync('loop.json', join(cwd, 'loop.json'))
    for (const [name, reason] of [
      ['loop.json', 'ELOOP'],
      ['a.json/inner.json', 'ENOTDIR'],
    ] as const) {
      const { code, stdout, stderr } = await runCommand(['import', 'a.json', '--to', name, '--dry-run'], { cwd })
      expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
      expect(stderr).toContain(`${join(cwd, name)} cannot be imported into: ${reason}`)
    }
    expect(readdirSync(cwd).toSorted()).toEqual(['a.json', 'loop.json'])
  })
})
