import { execFile } from 'node:child_process'
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type SupervisorEvent, type TokenStore, createFileTokenStore } from '../../src/index.js'
import { protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { supervise, textOf } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'

const key = 'a'.repeat(64)
const never = new AbortController().signal
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a program of somebody, who has the built package; resolves with the lines it prints. */
async function hostSays(host: string, args: readonly string[], before: readonly string[] = []): Promise<string[]> {
  const [program = '', ...rest] = [...before, process.execPath, '--input-type=module', '--eval', host, ...args]
  const { stdout } = await promisify(execFile)(program, rest, { cwd: root })
  return stdout.trim().split('\n')
}

async function folderOf(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'mcpvisor-tokens-'))
  onTestFinished(async () => {
    await chmod(parent, 0o700)
    await rm(parent, { recursive: true, force: true })
  })
  return join(parent, 'tokens')
}

/** A supervisor with that store, logged in; and one more of the same store, with what it tells of it. */
async function loggedIn(tokenStore: TokenStore) {
  const server = await protectedServer()
  const events: SupervisorEvent[] = []
  function another() {
    const supervisor = supervise({ api: { url: server.url } }, { tokenStore })
    supervisor.on('auth.unsaved', (event) => events.push(event))
    return supervisor
  }
  const supervisor = another()
  await supervisor.authorize('api', { open: sayYes })
  return { ...server, supervisor, another, events }
}

describe('a token store that fails', () => {
  test('P08: and cannot be written, is told once, and the tokens live on in memory', async () => {
    const failing: TokenStore = {
      load: async () => undefined,
      save: async () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
      delete: async () => {},
    }
    const { supervisor, authorization, events } = await loggedIn(failing)
    expect(events.map((event) => 'message' in event && event.message)).toEqual([expect.stringContaining('ENOSPC')])
    authorization.expire()
    expect(textOf(await supervisor.callTool('api', 'echo', { text: 'on' }))).toBe('on')
    expect(events).toHaveLength(1)
  })

  test('P08: because something else is in the place of its folder, keeps nobody from logging in', async () => {
    const folder = await folderOf()
    await writeFile(folder, 'a file')
    const { supervisor, events } = await loggedIn(createFileTokenStore(folder))
    expect(supervisor.status('api').state).toBe('ready')
    expect(events.length).toBeGreaterThan(0)
    expect(await readFile(folder, 'utf8')).toBe('a file')
  })

  test.each([
    ['is empty', async (path: string) => truncate(path, 0)],
    ['is half written', async (path: string) => truncate(path, 40)],
    ['is of something else', async (path: string) => writeFile(path, '{"tokens":7}')],
    ['is gone', async (path: string) => rm(path)],
  ])('P08: whose file %s makes one clear AUTH_REQUIRED, and works again after a login', async (_, break_) => {
    const folder = await folderOf()
    const { another } = await loggedIn(createFileTokenStore(folder))
    const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.json'))
    await break_(join(folder, file))
    const supervisor = another()
    expect(await errorOf(supervisor.connect('api'))).toMatchObject({ code: 'AUTH_REQUIRED' })
    await supervisor.authorize('api', { open: sayYes })
    await another().connect('api')
  })

  test.skipIf(process.platform === 'win32')(
    'P08: on a full disk, keeps nobody from logging in, and is told once',
    async () => {
      const folder = await folderOf()
      const { url, authorization } = await protectedServer()
      const host = `
      import { createFileTokenStore, createSupervisor } from 'mcpvisor'
      const [folder, url] = process.argv.slice(1)
      const supervisor = createSupervisor({ mcpServers: { api: { url } } }, { tokenStore: createFileTokenStore(folder) })
      supervisor.on('auth.unsaved', ({ message }) => console.log(message))
      await supervisor.authorize('api', { open: async (at) => void (await fetch(at)) })
      const { content } = await supervisor.callTool('api', 'echo', { text: 'in' })
      console.log(content[0].text)
      await supervisor.close()`
      // Files may be made, and nothing written into them.
      const full = ['sh', '-c', 'ulimit -f 0; exec "$@"', 'sh']
      expect(await hostSays(host, [folder, url], full)).toEqual([expect.stringContaining('EFBIG'), 'in'])
      expect(await readdir(folder)).toEqual([])
      expect(authorization.asked('/authorize')).toHaveLength(1)
    },
  )

  test('P08: leaves the file as it was when the one beside it cannot be finished', async () => {
    const folder = await folderOf()
    const store = createFileTokenStore(folder)
    await store.save(key, 'whole')
    await rm(join(folder, `${key}.json`))
    await mkdir(join(folder, `${key}.json`))
    await expect(store.save(key, 'other')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
    expect(await readdir(folder)).toEqual([`${key}.json`])
  })
})

describe.skipIf(process.platform === 'win32')('the files of a token store', () => {
  test('P09: can be read by nobody else, also when they could be before', async () => {
    const folder = await folderOf()
    await mkdir(folder, { mode: 0o755 })
    const store = createFileTokenStore(folder)
    await store.save(key, 'text')
    const path = join(folder, `${key}.json`)
    const modes = async () => [(await lstat(folder)).mode & 0o777, (await lstat(path)).mode & 0o777]
    expect(await modes()).toEqual([0o700, 0o600])
    await chmod(path, 0o644)
    expect(await store.load(key)).toBe('text')
    expect(await modes()).toEqual([0o700, 0o600])
  })

  test('P09: are no links, and no link is followed', async () => {
    const folder = await folderOf()
    const store = createFileTokenStore(folder)
    await store.save(key, 'text')
    const outside = `${folder}-outside`
    await writeFile(outside, 'mine')
    const path = join(folder, `${key}.json`)
    await rm(path)
    await symlink(outside, path)
    await expect(store.load(key)).rejects.toMatchObject({ code: 'ELOOP' })
    await store.save(key, 'new')
    expect(await readFile(outside, 'utf8')).toBe('mine')
    expect(await store.load(key)).toBe('new')
    const linked = `${folder}-linked`
    await symlink(folder, linked)
    await expect(createFileTokenStore(linked).load(key)).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(createFileTokenStore(linked).delete(key)).rejects.toMatchObject({ code: 'ENOTDIR' })
    expect(await store.load(key)).toBe('new')
    await store.delete(key)
    expect(await store.load(key)).toBeUndefined()
  })

  test.each(['../escape', 'a/b', '', '.', 'a'.repeat(129)])('P09: are not named %j', async (name) => {
    await expect(createFileTokenStore(await folderOf()).save(name, 'text')).rejects.toMatchObject({ code: 'EINVAL' })
  })
})

test('P09: nothing is made where nothing is kept', async () => {
  const folder = await folderOf()
  expect(await createFileTokenStore(folder).load(key)).toBeUndefined()
  await expect(lstat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
})

describe('processes that share a store', { timeout: 60_000 }, () => {
  test('P09: use no refresh token twice, and lose none', async () => {
    const folder = await folderOf()
    const { url, authorization } = await loggedIn(createFileTokenStore(folder))
    authorization.expire()
    const host = `
      import { createFileTokenStore, createSupervisor } from 'mcpvisor'
      const [folder, url] = process.argv.slice(1)
      const tokenStore = createFileTokenStore(folder)
      const supervisor = createSupervisor({ mcpServers: { api: { url } } }, { tokenStore })
      const { content } = await supervisor.callTool('api', 'echo', { text: 'shared' })
      console.log(content[0].text)
      await supervisor.close()`
    const runs = Array.from({ length: 3 }, () => hostSays(host, [folder, url]))
    expect((await Promise.all(runs)).flat()).toEqual(Array(3).fill('shared'))
    expect(authorization.asked('/token', 'refresh_token')).toHaveLength(1)
    authorization.expire()
    expect(await hostSays(host, [folder, url])).toEqual(['shared'])
    expect(authorization.asked('/authorize')).toHaveLength(1)
    // A compiler and four hosts, on a machine that may be busy.
  }, 60_000)

  test('P09: take turns, and a turn whose process is gone is over', async () => {
    const folder = await folderOf()
    const [one, two] = [createFileTokenStore(folder), createFileTokenStore(folder)]
    let inside = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++inside)
      await new Promise(setImmediate)
      inside--
    }
    await Promise.all(Array.from({ length: 20 }, async (_, n) => (n % 2 ? one : two).exclusively?.(key, work, never)))
    expect(most).toBe(1)
    const [lock = ''] = (await readdir(folder)).filter((name) => name.includes('.lock-'))
    const gone = { pid: 2 ** 22 + 1, host: hostname(), until: Date.now() + 60_000 }
    await writeFile(join(folder, lock), JSON.stringify(gone))
    expect(await one.exclusively?.(key, async () => 'mine', never)).toBe('mine')
    await writeFile(join(folder, 'x.lock-1'), JSON.stringify({ ...gone, pid: process.pid }))
    await expect(one.exclusively?.('x', work, AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
