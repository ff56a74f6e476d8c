import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

import { configOf, stdioServer } from '../support/fixture-servers.js'
import { folderOf, runCommand, startCommand } from './command-line.js'

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
    expect(after.stdout).toMatch(/FAIL +instance .*0\.sock does not answer: pid \d+ is busy or hangs/)
  })

  it('says that nothing can be kept where nothing can be written', async () => {
    const cwd = folderOf({ file: '' })
    const env = { XDG_STATE_HOME: join(cwd, 'file', 'below') }
    const { code, stdout } = await runCommand(['doctor', '--json'], { cwd, env })
    expect(code).toBe(1)
    expect((JSON.parse(stdout) as Report).observations.filter(({ subject }) => subject === 'state')).toEqual([
      {
        subject: 'state',
        is: 'problem',
        found: `nothing can be kept in ${join(cwd, 'file', 'below', 'mcpvisor')}: ENOTDIR`,
        remedy: 'set XDG_STATE_HOME to a folder of your own',
      },
    ])
  })

  it('finds the process of an instance that does not answer, and says whether it is stopped', async () => {
    const cwd = folderOf({ 'mcp.json': configOf({ a: stdioServer() }) })
    const run = startCommand(['run', '-c', 'mcp.json'], { cwd })
    await run.says('a is ready')
    run.child.kill('SIGSTOP')
    const { code, stdout } = await runCommand(['doctor'], { cwd })
    expect(code).toBe(1)
    expect(stdout).toMatch(new RegExp(`FAIL +instance .* does not answer: pid ${run.pid} is stopped\n`))
    expect(stdout).toContain(`do: let it go on: "kill -CONT ${run.pid}"`)
    run.child.kill('SIGCONT')
    run.child.kill('SIGTERM')
    expect(await run.ended).toMatchObject({ code: 0 })
  })
})
