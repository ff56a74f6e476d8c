import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'

import { configOf, stdioServer } from '../support/fixture-servers.js'
import { folderOf, mainPath, plainEnvironment, runCommand, startCommand } from './command-line.js'

interface Report {
  readonly ok: boolean
  readonly observations: { subject: string; is: string; found: string; remedy?: string }[]
}

describe('mcpvisor doctor', () => {
  it('finds the launchers, the instances and what is wrong with them', async () => {
    const cwd = folderOf({ 'mcp.json': configOf({ a: stdioServer() }) })
    const bin = join(cwd, 'bin')
    mkdirSync(bin)
    for (const [name, script] of [
      ['uvx', 'echo uvx 9.9.9'],
      ['deno', 'echo broken >&2; exit 3'],
    ] as const) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    const env = { PATH: [bin, '/bin'].join(delimiter), HTTPS_PROXY: 'http://me:secret@proxy' }
    const run = startCommand(['run', '-c', 'mcp.json'], { cwd })
    await run.says('a is ready')
    const { code, stdout } = await runCommand(['doctor', '--json'], { cwd, env })
    const { ok, observations } = JSON.parse(stdout) as Report
    expect(code).toBe(1)
    expect(ok).toBe(false)
    const of = (subject: string) => observations.find((one) => one.subject === subject)
    expect(of('node')).toMatchObject({ is: 'ok' })
    expect(of('uvx')).toMatchObject({ is: 'ok', found: 'uvx 9.9.9' })
    expect(of('deno')).toMatchObject({ is: 'problem', remedy: 'run "deno --version"' })
    expect(of('bunx')).toMatchObject({ is: 'note', found: 'is not on the PATH' })
    expect(of('proxy')).toMatchObject({ is: 'note', found: 'HTTPS_PROXY is set' })
    expect(stdout).not.toContain('secret')
    expect(of('instance')).toMatchObject({ is: 'ok', found: expect.stringContaining(`pid ${run.pid}`) })

    run.child.kill('SIGKILL')
    await run.ended
    const silent = createServer(() => {})
    onTestFinished(() => void silent.close())
    await new Promise<void>((resolve) => silent.listen(join(cwd, 'runtime', 'mcpvisor', '0.sock'), resolve))
    const after = await runCommand(['doctor'], { cwd, env })
    expect(after.stdout).toMatch(/note +instance .*is left of an instance that was killed/)
    expect(after.stdout).toMatch(/FAIL +instance .*0\.sock does not answer/)
  })
})

/** What bash offers for the last of these words. */
async function bashOffers(words: readonly string[], cwd: string): Promise<string[]> {
  const bin = join(cwd, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'mcpvisor'), `#!/bin/sh\nexec '${process.execPath}' '${mainPath}' "$@"\n`)
  chmodSync(join(bin, 'mcpvisor'), 0o755)
  const script = `eval "$(mcpvisor completion bash)"
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
    _mcpvisor; printf '%s\\n' "\${COMPREPLY[@]}"`
  const environment = plainEnvironment(cwd)
  const env = { ...environment, PATH: [bin, environment['PATH']].join(delimiter) }
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], { cwd, env })
  return stdout.trim().split('\n')
}

describe('mcpvisor completion', () => {
  it('completes verbs, options, files and the servers of a running instance in a real bash', async () => {
    const cwd = folderOf({ 'mcp.json': configOf({ github: stdioServer(), files: stdioServer() }) })
    expect(await bashOffers(['mcpvisor', 'sta'], cwd)).toEqual(['status', 'start'])
    expect(await bashOffers(['mcpvisor', 'status', '--w'], cwd)).toEqual(['--watch'])
    expect(await bashOffers(['mcpvisor', 'check', 'mc'], cwd)).toEqual(['mcp.json'])
    expect(await bashOffers(['mcpvisor', 'run', '-c', 'mc'], cwd)).toEqual(['mcp.json'])
    expect(await bashOffers(['mcpvisor', 'config', 'pr'], cwd)).toEqual(['print'])
    expect(await bashOffers(['mcpvisor', 'completion', 'z'], cwd)).toEqual(['zsh'])
    expect(await bashOffers(['mcpvisor', 'restart', 'git'], cwd)).toEqual([''])
    const run = startCommand(['run', '-c', 'mcp.json'], { cwd })
    await run.says('github is ready')
    expect(await bashOffers(['mcpvisor', 'restart', 'git'], cwd)).toEqual(['github'])
    run.child.kill('SIGTERM')
    await run.ended
  })

  it('knows every verb in every shell, and no other shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout } = await runCommand(['completion', shell])
      expect(code).toBe(0)
      for (const verb of ['check', 'run', 'serve', 'status', 'tools', 'call', 'doctor']) expect(stdout).toContain(verb)
    }
    expect(await runCommand(['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '' })
  })
})
