import { writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { endOf, sayYes } from '../fixtures/authorization/protected.js'
import { runCommand, startCommand } from './command-line.js'
import { addressIn, protectedConfig } from './protected-config.js'

describe('mcpvisor auth', () => {
  test(
    'prints where to log in, waits for the browser and keeps the tokens until logout',
    { timeout: 60_000 },
    async () => {
      const { cwd, args, authorization } = await protectedConfig()
      const run = (...words: string[]) => runCommand(words, { cwd })
      const check = () => run('check', 'mcp.json', '--connect', '--json')
      const command = startCommand(['auth', 'api', ...args], { cwd })
      const before = check()
      await command.says('/authorize?')
      expect((await before).stdout).toContain('AUTH_REQUIRED')
      await sayYes(addressIn(command.stderr()))
      const { code, stdout } = await command.ended
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'api: logged in, 9 tools\n' })
      const { mode } = await stat(join(cwd, 'state', 'mcpvisor', 'tokens'))
      expect(mode & 0o777).toBe(0o700)
      const [again, after, tools] = await Promise.all([
        run('auth', 'api', ...args, '--json'),
        check(),
        run('tools', 'api', ...args),
      ])
      expect(JSON.parse(again.stdout)).toEqual({ server: 'api', loggedIn: false, tools: 9 })
      expect(after.stdout).not.toContain('AUTH_REQUIRED')
      expect(tools).toMatchObject({ code: 0 })
      expect(await run('logout', 'api', ...args)).toMatchObject({
        code: 0,
        stdout: 'api: tokens forgotten, revoked at the authorization server\n',
      })
      expect(authorization.asked('/revoke')).toHaveLength(1)
      expect(JSON.parse((await run('logout', 'api', ...args, '--json')).stdout)).toEqual({
        server: 'api',
        revoked: false,
      })
    },
  )

  test('takes the address that a browser elsewhere ended at', async () => {
    const { cwd, args } = await protectedConfig()
    const command = startCommand(['auth', 'api', ...args], { cwd })
    await command.says('paste the address')
    command.child.stdin?.write(`\nyes, I did\n${await endOf(addressIn(command.stderr()))}\n`)
    expect(await command.ended).toMatchObject({ code: 0, stdout: 'api: logged in, 9 tools\n' })
    expect(command.stderr()).toContain('That is no address')
  })

  test('exits with 1 when the tokens cannot be kept', async () => {
    const { cwd, args } = await protectedConfig()
    writeFileSync(join(cwd, 'state'), 'no folder')
    const command = startCommand(['auth', 'api', ...args, '--json'], { cwd })
    await command.says('/authorize?')
    await sayYes(addressIn(command.stderr()))
    const { code, stdout, stderr } = await command.ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { server: 'api', message: expect.stringMatching(/^The token store could not be \w+: ENOTDIR/) as string },
    })
  })

  test('exits with 3 when nobody logs in, and with 2 for a server that is not there', async () => {
    const { cwd, args } = await protectedConfig()
    const [late, unknown] = await Promise.all([
      runCommand(['auth', 'api', ...args, '--timeout', '100'], { cwd }),
      runCommand(['auth', 'nobody', ...args], { cwd }),
    ])
    expect(late).toMatchObject({ code: 3, stdout: '' })
    expect(late.stderr).toContain('nobody logged in within 100 ms')
    expect(unknown).toMatchObject({ code: 2, stdout: '' })
  })
})

test('a running instance is told of a login and of a logout, and connects by itself', async () => {
  const { cwd, args } = await protectedConfig()
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
