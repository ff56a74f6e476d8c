import { execFile, execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { folderOf, plainEnvironment, runCommand, startCommand } from '../cli/command-line.js'
import { protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { hasSecretService, messageBus, secretService } from '../support/secret-service.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const keyring = ['--token-store', 'keyring']

/** A server that asks for authorization, and what brings commands and hosts to a keyring of the test alone. */
async function surroundings() {
  const server = await protectedServer()
  const { env } = await secretService()
  const cwd = folderOf({ 'mcp.json': { mcpServers: { api: { url: server.url } } } })
  const folder = join(cwd, 'state', 'mcpvisor', 'tokens')
  return { ...server, at: { cwd, env: { ...env, HOME: cwd } }, folder }
}

type Surroundings = Awaited<ReturnType<typeof surroundings>>

async function logIn({ at }: Surroundings) {
  const command = startCommand(['auth', 'api', '-c', 'mcp.json', ...keyring], at)
  await command.says('/authorize?')
  await sayYes(/^http:\/\/\S+$/m.exec(command.stderr())?.[0] ?? '')
  expect(await command.ended).toMatchObject({ code: 0 })
}

const tools = ({ at }: Surroundings) => runCommand(['tools', 'api', '-c', 'mcp.json', ...keyring], at)

/** A program of somebody, with a supervisor of that keyring; says what came of one call, and what was not kept. */
async function callFromHost({ at, url, folder }: Surroundings): Promise<string> {
  const host = `
    import { createKeyringTokenStore, createSupervisor } from 'mcpvisor'
    const [url, folder] = process.argv.slice(1)
    const tokenStore = await createKeyringTokenStore(folder)
    const supervisor = createSupervisor({ mcpServers: { api: { url } } }, { tokenStore })
    supervisor.on('auth.unsaved', ({ message }) => console.log(message))
    await supervisor.callTool('api', 'echo', { text: 'in' }).then(
      ({ content }) => console.log(content[0].text),
      ({ code }) => console.log(code),
    )
    await supervisor.close()`
  const args = ['--input-type=module', '--eval', host, url, folder]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...at.env },
  })
  return stdout.trim()
}

/** What a person sees of their keyring: the names that are kept, and the texts. */
function itemsOf({ at }: Surroundings) {
  const look = `
    const { findCredentials } = require('@napi-rs/keyring')
    console.log(JSON.stringify(findCredentials('mcpvisor')))`
  const found = execFileSync(process.execPath, ['--eval', look], { cwd: root, env: { ...process.env, ...at.env } })
  return JSON.parse(found.toString()) as readonly { readonly account: string; readonly password: string }[]
}

function forget({ at }: Surroundings, name: string): void {
  const remove = `new (require('@napi-rs/keyring').Entry)('mcpvisor', process.argv[1]).deletePassword()`
  execFileSync(process.execPath, ['--eval', remove, name], { cwd: root, env: { ...process.env, ...at.env } })
}

const filesOf = ({ folder }: Surroundings) => readdirSync(folder).filter((name) => name.endsWith('.json'))

/** Somebody locks the keyring, and nobody is there to open it. */
function lock({ at }: Surroundings): void {
  const [path, method] = ['/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.Lock']
  const args = ['--dest=org.freedesktop.secrets', path, method, `array:objpath:${path}/collection/login`]
  execFileSync('dbus-send', ['--session', '--print-reply', ...args], { env: { ...process.env, ...at.env } })
}

const patience = { timeout: 60_000 }

describe.skipIf(!hasSecretService)('a keyring token store (needs dbus-daemon, gnome-keyring-daemon)', patience, () => {
  test('lets a process in that comes after the one that logged in, and forgets on logout', async () => {
    const of = await surroundings()
    await logIn(of)
    expect(await tools(of)).toMatchObject({ code: 0 })
    expect(of.authorization.asked('/authorize')).toHaveLength(1)
    const [file = ''] = filesOf(of)
    const items = itemsOf(of)
    expect(items.map(({ account }) => `${account}.json`)).toEqual([file])
    const written = readFileSync(join(of.folder, file), 'utf8')
    for (const secret of of.authorization.secrets()) expect(written + JSON.stringify(items)).not.toContain(secret)
    expect(await runCommand(['logout', 'api', '-c', 'mcp.json', ...keyring], of.at)).toMatchObject({ code: 0 })
    expect([itemsOf(of), filesOf(of)]).toEqual([[], []])
  })

  test('has a token renewed once by processes that share it', async () => {
    const of = await surroundings()
    await logIn(of)
    of.authorization.expire()
    expect(await Promise.all([callFromHost(of), callFromHost(of)])).toEqual(['in', 'in'])
    expect(of.authorization.asked('/token', 'refresh_token')).toHaveLength(1)
    of.authorization.expire()
    expect(await callFromHost(of)).toBe('in')
    expect(of.authorization.asked('/authorize')).toHaveLength(1)
  })

  test('that is locked makes one clear AUTH_REQUIRED, and its texts are still there when it is opened', async () => {
    const of = await surroundings()
    await logIn(of)
    lock(of)
    expect((await callFromHost(of)).split('\n')).toEqual([
      expect.stringMatching(/^The token store could not be read: EKEYRING, it could not use the keyring: /),
      'AUTH_REQUIRED',
    ])
    expect(filesOf(of)).toHaveLength(1)
  })

  test('opens no text that was kept for another server, and none whose key is gone', async () => {
    const of = await surroundings()
    await logIn(of)
    const [file = ''] = filesOf(of)
    const other = { ...of, url: (await protectedServer({}, of.authorization)).url }
    expect(await callFromHost(other)).toBe('AUTH_REQUIRED')
    const [another = ''] = filesOf(of).filter((name) => name !== file)
    copyFileSync(join(of.folder, file), join(of.folder, another))
    const rejected = /^The token store could not be read: EKEYREJECTED, .*\nAUTH_REQUIRED$/
    expect(await callFromHost(other)).toMatch(rejected)
    forget(of, file.replace('.json', ''))
    expect(await callFromHost(of)).toMatch(rejected)
  })

  test('is refused at once where no keyring answers', async () => {
    const { env } = await messageBus()
    const cwd = folderOf({ 'mcp.json': { mcpServers: { api: { url: 'http://127.0.0.1:9/mcp' } } } })
    const { code, stderr } = await runCommand(['run', '-c', 'mcp.json', ...keyring], { cwd, env })
    expect(code).toBe(6)
    expect(stderr).toMatch(/The keyring token store could not use the keyring: .*org\.freedesktop\.secrets/)
  })
})

describe('without the package of the keyring', patience, () => {
  /** The command line as it is installed without the optional package. */
  function installed(): string {
    const folder = folderOf()
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>
    cpSync(join(root, 'package.json'), join(folder, 'package.json'))
    for (const name of Object.keys(dependencies ?? {})) {
      const place = join(folder, 'node_modules', name)
      mkdirSync(dirname(place), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), place)
    }
    return join(folder, 'dist', 'cli', 'main.js')
  }

  const run = (args: readonly string[], cwd: string, main: string) =>
    promisify(execFile)(process.execPath, [main, ...args], { cwd, env: plainEnvironment(cwd) })

  test('everything works, until it is asked for: then its absence is told', async () => {
    const { fixture, authorization } = await protectedServer()
    const cwd = folderOf({ 'mcp.json': { mcpServers: { api: { url: fixture.url } } } })
    const main = installed()
    const args = ['check', 'mcp.json', '--connect']
    await expect(run(args, cwd, main)).rejects.toMatchObject({ code: 3 })
    expect(authorization.asked('/register')).toHaveLength(1)
    await expect(run([...args, ...keyring], cwd, main)).rejects.toMatchObject({
      stderr: expect.stringContaining(
        'The keyring token store needs the package "@napi-rs/keyring", which is not installed: npm install @napi-rs/keyring',
      ) as string,
    })
  })
})
