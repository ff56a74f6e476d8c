import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { until } from '../actors/stdio-fixture.js'
import { endOf, sayYes } from '../fixtures/authorization/protected.js'
import { folderOf, runOnTerminal, startOnTerminal } from './command-line.js'
import { addressIn, protectedConfig } from './protected-config.js'

describe.skipIf(process.platform !== 'linux')('mcpvisor auth on a terminal', () => {
  /** A folder of programs: one that opens addresses, writes down how it was started, and does what a browser would. */
  function browserAs(name: string, follows = true) {
    const folder = folderOf()
    const journal = join(folder, 'journal')
    const program = `#!${process.execPath}
      require('node:fs').appendFileSync(${JSON.stringify(journal)}, JSON.stringify(process.argv.slice(2)) + '\\n')
      ${follows ? `fetch(process.argv[2])` : 'process.exit(3)'}`
    writeFileSync(join(folder, name), program, { mode: 0o755 })
    const started = () =>
      readFileSync(journal, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as string[])
    return { path: [folder, process.env['PATH']].join(delimiter), program: join(folder, name), started }
  }

  test('starts the browser, which comes back by itself', async () => {
    const { cwd, args, authorization } = await protectedConfig()
    const { path, started } = browserAs('xdg-open')
    const { code, stdout } = await runOnTerminal(['auth', 'api', ...args], '', { cwd, env: { PATH: path } })
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('api: logged in, 9 tools') as string,
    })
    expect(started()).toEqual([[addressIn(stdout)]])
    expect(authorization.asked('/authorize')).toHaveLength(1)
  })

  test('gives it the address as one word that no shell has read', async () => {
    const { cwd, args, authorization } = await protectedConfig()
    // As a URL has it: newer versions of Node write some of these otherwise.
    const { pathname: hostile } = new URL(
      "/authorize/$(touch$IFS$9pwned);touch$IFS$9pwned|calc&&'%COMSPEC%^",
      'http://x',
    )
    authorization.set({
      metadata: (issuer) => ({ authorization_endpoint: issuer + hostile }),
      intercept({ path, parameters }, res) {
        if (path !== hostile) return false
        res.writeHead(302, { location: `/authorize?${parameters.toString()}` }).end()
        return true
      },
    })
    const { path, started } = browserAs('xdg-open')
    const { code, stdout } = await runOnTerminal(['auth', 'api', ...args], '', { cwd, env: { PATH: path } })
    expect(code).toBe(0)
    expect(started()).toEqual([[addressIn(stdout)]])
    expect(addressIn(stdout)).toContain(`${hostile}?`)
    expect(readdirSync(cwd)).not.toContain('pwned')
  })

  test('tells when there is none, and takes what is pasted', async () => {
    const { cwd, args } = await protectedConfig()
    const { path } = browserAs('xdg-open', false)
    const command = startOnTerminal(['auth', 'api', ...args], { cwd, env: { PATH: path } })
    await until(() => command.stdout().includes('No browser could be opened: open the address yourself.'))
    command.child.stdin?.write(`${await endOf(addressIn(command.stdout()))}\n`)
    expect(await command.ended).toMatchObject({ code: 0 })
  })

  test('--no-browser starts none', async () => {
    const { cwd, args } = await protectedConfig()
    const { path, started } = browserAs('xdg-open')
    const command = startOnTerminal(['auth', 'api', ...args, '--no-browser'], { cwd, env: { PATH: path } })
    await until(() => command.stdout().includes('paste the address'))
    await sayYes(addressIn(command.stdout()))
    expect(await command.ended).toMatchObject({ code: 0 })
    expect(started).toThrow('ENOENT')
  })

  test.skipIf(spawnSync('xdg-open', ['--version']).error)('finds it by the xdg-open of the system', async () => {
    const { cwd, args } = await protectedConfig()
    const { program, started } = browserAs('browser-of-mine')
    const { code, stdout } = await runOnTerminal(['auth', 'api', ...args], '', { cwd, env: { BROWSER: program } })
    expect(code).toBe(0)
    expect(started()).toEqual([[addressIn(stdout)]])
  })
})
