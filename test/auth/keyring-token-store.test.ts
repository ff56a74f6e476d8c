import { execFile, execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Entry, findCredentials } from '@napi-rs/keyring'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { loadKeyring } from '../../src/auth/keyring.js'
import { createKeyringTokenStore } from '../../src/index.js'
import { folderOf, plainEnvironment, runCommand, startCommand } from '../cli/command-line.js'
import { type ProtectedServer, protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { supervise, textOf } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { type SecretService, hasSecretService, messageBus, secretService } from '../support/secret-service.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const keyring = ['--token-store', 'keyring']

/** Brings this process, and those that it starts, to that keyring until the test ends. */
function reaching(service: SecretService): SecretService {
  for (const [name, value] of Object.entries(service.env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  return service
}

/** A server that asks for authorization, and a keyring of the test alone. */
async function surroundings() {
  const { env } = reaching(await secretService())
  const server = await protectedServer()
  const cwd = folderOf({ 'mcp.json': { mcpServers: { api: { url: server.url } } } })
  return { ...server, at: { cwd, env: { ...env, HOME: cwd } }, folder: join(cwd, 'state', 'mcpvisor', 'tokens') }
}

type Surroundings = Awaited<ReturnType<typeof surroundings>>

/** A supervisor with a store of its own in the folder, and what it could not keep. */
async function supervised({ folder }: Surroundings, { url }: Pick<ProtectedServer, 'url'>) {
  const supervisor = supervise({ api: { url } }, { tokenStore: await createKeyringTokenStore(folder) })
  const unsaved: string[] = []
  supervisor.on('auth.unsaved', ({ message }) => unsaved.push(message))
  return { supervisor, unsaved, call: () => supervisor.callTool('api', 'echo', { text: 'in' }) }
}

async function loggedIn() {
  const of = await surroundings()
  const { supervisor } = await supervised(of, of)
  await supervisor.authorize('api', { open: sayYes })
  return of
}

/** What a person sees of their keyring: the names that are kept, and the texts. */
const items = () => findCredentials('mcpvisor')

const filesOf = ({ folder }: Surroundings) => readdirSync(folder).filter((name) => name.endsWith('.json'))

/** Somebody locks the keyring, and nobody is there to open it. */
function lock({ at }: Surroundings): void {
  const [path, method] = ['/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.Lock']
  const args = ['--dest=org.freedesktop.secrets', path, method, `array:objpath:${path}/collection/login`]
  execFileSync('dbus-send', ['--session', '--print-reply', ...args], { env: { ...process.env, ...at.env } })
}

const patience = { timeout: 60_000 }

describe.skipIf(!hasSecretService)('a keyring token store (needs dbus-daemon, gnome-keyring-daemon)', patience, () => {
  test('lets the commands in that come after the one that logged in, renews once for them, and forgets on logout', async () => {
    const of = await surroundings()
    const { at, authorization } = of
    const command = startCommand(['auth', 'api', '-c', 'mcp.json', ...keyring], at)
    await command.says('/authorize?')
    await sayYes(/^http:\/\/\S+$/m.exec(command.stderr())?.[0] ?? '')
    expect(await command.ended).toMatchObject({ code: 0 })
    authorization.expire()
    const tools = () => runCommand(['tools', 'api', '-c', 'mcp.json', ...keyring], at)
    expect(await Promise.all([tools(), tools()])).toMatchObject([{ code: 0 }, { code: 0 }])
    expect(authorization.asked('/token', 'refresh_token')).toHaveLength(1)
    const [file = ''] = filesOf(of)
    expect(items().map(({ account }) => `${account}.json`)).toEqual([file])
    const written = readFileSync(join(of.folder, file), 'utf8') + JSON.stringify(items())
    for (const secret of authorization.secrets()) expect(written).not.toContain(secret)
    expect(await runCommand(['logout', 'api', '-c', 'mcp.json', ...keyring], at)).toMatchObject({ code: 0 })
    expect([items(), filesOf(of)]).toEqual([[], []])
  })

  test('has a token renewed once by hosts that share it', async () => {
    const of = await loggedIn()
    of.authorization.expire()
    const hosts = [await supervised(of, of), await supervised(of, of)]
    expect((await Promise.all(hosts.map(({ call }) => call()))).map(textOf)).toEqual(['in', 'in'])
    expect(of.authorization.asked('/token', 'refresh_token')).toHaveLength(1)
    of.authorization.expire()
    expect(textOf(await (await supervised(of, of)).call())).toBe('in')
    expect(of.authorization.asked('/authorize')).toHaveLength(1)
  })

  test('that is locked makes one clear AUTH_REQUIRED, and its texts are still there when it is opened', async () => {
    const of = await loggedIn()
    lock(of)
    const { call, unsaved } = await supervised(of, of)
    expect(await errorOf(call())).toMatchObject({ code: 'AUTH_REQUIRED' })
    expect(unsaved).toEqual([
      expect.stringMatching(/^The token store could not be read: EKEYRING, it could not use the keyring: /),
    ])
    expect(filesOf(of)).toHaveLength(1)
  })

  test('opens no text that was kept for another server, and none whose key is gone', async () => {
    const of = await loggedIn()
    const [file = ''] = filesOf(of)
    const another = await protectedServer({}, of.authorization)
    expect(await errorOf((await supervised(of, another)).call())).toMatchObject({ code: 'AUTH_REQUIRED' })
    const [anothers = ''] = filesOf(of).filter((name) => name !== file)
    copyFileSync(join(of.folder, file), join(of.folder, anothers))
    new Entry('mcpvisor', file.replace('.json', '')).deletePassword()
    for (const server of [another, of]) {
      const { call, unsaved } = await supervised(of, server)
      expect(await errorOf(call())).toMatchObject({ code: 'AUTH_REQUIRED' })
      expect(unsaved).toEqual([expect.stringMatching(/^The token store could not be read: EKEYREJECTED, /)])
    }
  })

  test('waits once for a keyring that waits for a person, then leaves it alone for a while', async () => {
    const { freeze, thaw } = reaching(await secretService())
    const impatient = await loadKeyring(3_000)
    await impatient.set('mine', 'secret')
    freeze()
    const waited = { code: 'ETIMEDOUT', reason: 'waited for the keyring for 3000 ms: it may ask to be unlocked' }
    // What asked for it is a process, and is gone by then: it holds no thread of this one.
    const asked = await Promise.allSettled([impatient.get('mine'), impatient.get('mine')])
    expect(asked).toMatchObject([{ reason: waited }, { reason: waited }])
    thaw()
    await expect(impatient.get('mine')).rejects.toMatchObject(waited)
    expect(await (await loadKeyring()).get('mine')).toBe('secret')
  })

  test('is refused at once where no keyring answers', async () => {
    reaching(await messageBus())
    await expect(createKeyringTokenStore(folderOf())).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /^The keyring token store could not use the keyring: .*org\.freedesktop\.secrets/,
      ) as string,
    })
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
      code: 6,
      stderr: expect.stringContaining(
        'The keyring token store needs the package "@napi-rs/keyring", which is not installed: npm install @napi-rs/keyring',
      ) as string,
    })
  })
})
