import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { endOf, protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { folderOf, runCommand, runOnTerminal, startCommand } from './command-line.js'

async function fileFor(entry: object = {}) {
  const server = await protectedServer()
  const cwd = folderOf({
    'mcp.json': { mcpServers: { api: { url: server.url, ...entry }, other: { command: 'none' } } },
  })
  return { ...server, cwd, args: ['-c', 'mcp.json'] }
}

/** The address that the command told to log in at. */
const addressIn = (stderr: string): string => /^http:\/\/\S+$/m.exec(stderr)?.[0] ?? ''

describe('mcpvisor auth', () => {
  test('prints where to log in, waits for the browser and keeps the tokens for the other commands', async () => {
    const { cwd, args } = await fileFor()
    const before = await runCommand(['check', 'mcp.json', '--connect', '--json'], { cwd })
    expect(before.stdout).toContain('AUTH_REQUIRED')
    const command = startCommand(['auth', 'api', ...args], { cwd })
    await command.says('/authorize?')
    await sayYes(addressIn(command.stderr()))
    const { code, stdout } = await command.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'api: logged in, 9 tools\n' })
    const { mode } = await stat(join(cwd, 'state', 'mcpvisor', 'tokens'))
    expect(mode & 0o777).toBe(0o700)
    const again = await runCommand(['auth', 'api', ...args, '--json'], { cwd })
    expect(JSON.parse(again.stdout)).toEqual({ server: 'api', loggedIn: false, tools: 9 })
    const after = await runCommand(['check', 'mcp.json', '--connect', '--json'], { cwd })
    expect(after.stdout).not.toContain('AUTH_REQUIRED')
    const tools = await runCommand(['tools', 'api', ...args], { cwd })
    expect({ code: tools.code, stderr: tools.stderr }).toMatchObject({ code: 0 })
  })

  test('takes the address that a browser elsewhere ended at', async () => {
    const { cwd, args } = await fileFor()
    const command = startCommand(['auth', 'api', ...args, '--no-browser'], { cwd })
    await command.says('paste the address')
    command.child.stdin?.write(`\n${await endOf(addressIn(command.stderr()))}\n`)
    expect(await command.ended).toMatchObject({ code: 0, stdout: 'api: logged in, 9 tools\n' })
  })

  test('exits with 3 when nobody logs in', async () => {
    const { cwd, args } = await fileFor()
    const { code, stdout, stderr } = await runCommand(['auth', 'api', ...args, '--timeout', '100'], { cwd })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('nobody logged in within 100 ms')
  })

  test('exits with 2 for a server that is not there', async () => {
    const { cwd, args } = await fileFor()
    expect(await runCommand(['auth', 'nobody', ...args], { cwd })).toMatchObject({ code: 2, stdout: '' })
  })
})

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

  const addressOn = (screen: string): string => /^http:\/\/\S+/m.exec(screen)?.[0] ?? ''

  test('starts the browser, which comes back by itself', async () => {
    const { cwd, args, authorization } = await fileFor()
    const { path, started } = browserAs('xdg-open')
    const { code, stdout } = await runOnTerminal(['auth', 'api', ...args], '', { cwd, env: { PATH: path } })
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('api: logged in, 9 tools') as string,
    })
    expect(started()).toEqual([[addressOn(stdout)]])
    expect(authorization.asked('/authorize')).toHaveLength(1)
  })

  test('gives it the address as one word that no shell has read', async () => {
    const { cwd, args, authorization } = await fileFor()
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
    expect(started()).toEqual([[addressOn(stdout)]])
    expect(addressOn(stdout)).toContain(`${hostile}?`)
    expect(readdirSync(cwd)).not.toContain('pwned')
  })

  test('tells when there is none', async () => {
    const { cwd, args } = await fileFor()
    const { path } = browserAs('xdg-open', false)
    const { stdout } = await runOnTerminal(['auth', 'api', ...args, '--timeout', '1s'], '', {
      cwd,
      env: { PATH: path },
    })
    expect(stdout).toContain('No browser could be opened: open the address yourself.')
  })

  test('--no-browser starts none', async () => {
    const { cwd, args } = await fileFor()
    const { path, started } = browserAs('xdg-open')
    await runOnTerminal(['auth', 'api', ...args, '--no-browser', '--timeout', '1s'], '', { cwd, env: { PATH: path } })
    expect(started).toThrow('ENOENT')
  })

  test.skipIf(spawnSync('xdg-open', ['--version']).error)('finds it by the xdg-open of the system', async () => {
    const { cwd, args } = await fileFor()
    const { program, started } = browserAs('browser-of-mine')
    const { code, stdout } = await runOnTerminal(['auth', 'api', ...args], '', { cwd, env: { BROWSER: program } })
    expect(code).toBe(0)
    expect(started()).toEqual([[addressOn(stdout)]])
  })
})

test('mcpvisor logout forgets the tokens and has them revoked', async () => {
  const { cwd, args, authorization } = await fileFor()
  const command = startCommand(['auth', 'api', ...args], { cwd })
  await command.says('/authorize?')
  await sayYes(addressIn(command.stderr()))
  await command.ended
  const { code, stdout } = await runCommand(['logout', 'api', ...args], { cwd })
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'api: tokens forgotten, revoked at the authorization server\n',
  })
  expect(authorization.asked('/revoke')).toHaveLength(1)
  const again = await runCommand(['logout', 'api', ...args, '--json'], { cwd })
  expect(JSON.parse(again.stdout)).toEqual({ server: 'api', revoked: false })
})

test('a running instance is told of a login and of a logout, and connects by itself', async () => {
  const { cwd, args } = await fileFor()
  const running = startCommand(['run', ...args, '--only', 'api'], { cwd })
  await running.says('asks for authorization')
  const command = startCommand(['auth', 'api', ...args], { cwd })
  await command.says('/authorize?')
  await sayYes(addressIn(command.stderr()))
  expect(await command.ended).toMatchObject({ code: 0 })
  await running.says('api is ready')
  await runCommand(['logout', 'api', ...args], { cwd })
  await expect.poll(() => running.stderr().split('asks for authorization').length).toBeGreaterThan(2)
  running.child.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ code: 0 })
})
