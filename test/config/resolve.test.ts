import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServerEntry } from '../../src/config/entry.js'
import { parseConfig } from '../../src/config/parse.js'
import { type ResolveScope, resolveEntry } from '../../src/config/resolve.js'

function entryOf(entry: unknown): ServerEntry {
  const parsed = parseConfig({ mcpServers: { s: entry } }).servers.get('s')
  if (!parsed?.ok) throw new Error(parsed?.message)
  return parsed.entry
}

const resolveOne = (entry: unknown, env: Record<string, string> = {}, scope: Partial<ResolveScope> = {}) =>
  resolveEntry('s', entryOf(entry), { env, ...scope })

async function argsOf(args: string[], env: Record<string, string> = {}, scope: Partial<ResolveScope> = {}) {
  const { endpoint } = await resolveOne({ command: 'x', args }, env, scope)
  return endpoint.transport === 'stdio' ? endpoint.args : []
}

describe('placeholders', () => {
  test.each([
    ['${A}', 'one'],
    ['${env:A}', 'one'],
    ['x${A}y${B}z', 'xoneytwoz'],
    ['${NO:-fallback}', 'fallback'],
    ['${env:NO:-fall:back-}', 'fall:back-'],
    ['${NO:-}', ''],
    ['${EMPTY}', ''],
    ['${EMPTY:-not empty}', 'not empty'],
    ['$${A}', '${A}'],
    ['$$${A}', '$${A}'],
    ['${A}$${B}', 'one${B}'],
    ['$A %A% {env:A}', '$A %A% {env:A}'],
    ['${name%.json}', '${name%.json}'],
    ['${cmd: date}', '${cmd: date}'],
    ['${A', '${A'],
    ['${}', '${}'],
    ['${PLACEHOLDER}', '${A}'],
  ])('%j becomes %j', async (written, read) => {
    expect(await argsOf([written], { A: 'one', B: 'two', EMPTY: '', PLACEHOLDER: '${A}' })).toEqual([read])
  })

  test('of places', async () => {
    const scope = { cwd: '/srv/app', configPath: 'conf/mcp.json' }
    const places = ['${workspaceFolder}', '${workspaceFolderBasename}', '${userHome}', '${cwd}', '${configDir}', '${/}']
    expect(await argsOf(places, {}, scope)).toEqual(['/srv/app', 'app', homedir(), '/srv/app', '/srv/app/conf', '/'])
  })

  test('in env are looked up outside, elsewhere in the env of the entry first', async () => {
    const entry = { command: '${X}', args: ['${X}'], cwd: '/${X}', env: { X: 'own ${X}' } }
    const { endpoint } = await resolveOne(entry, { X: 'outer' })
    expect(endpoint).toMatchObject({
      command: 'own outer',
      args: ['own outer'],
      cwd: '/own outer',
      env: { X: 'own outer' },
    })
  })

  test('in the headers of an HTTP entry see its env', async () => {
    const { endpoint } = await resolveOne(
      { url: 'https://${H}/', headers: { A: '${T}' }, env: { T: 'tok-${H}' } },
      { H: 'h.example' },
    )
    expect(endpoint).toMatchObject({ url: 'https://h.example/', headers: { A: 'tok-h.example' } })
  })

  test('that leave a header empty leave it out', async () => {
    const { endpoint } = await resolveOne({ url: 'https://x.example', headers: { A: '${NO:-}', B: '', C: 'c' } })
    expect(endpoint).toMatchObject({ headers: { B: '', C: 'c' } })
    expect(endpoint.transport !== 'stdio' && Object.keys(endpoint.headers)).toEqual(['B', 'C'])
  })

  test('see own properties only', async () => {
    await expect(argsOf(['${constructor}', '${__proto__}'])).rejects.toThrow('constructor, __proto__')
  })
})

describe('inputs', () => {
  test('are asked once for each id', async () => {
    const asked: string[] = []
    const inputs = async (id: string) => `answer-${asked.push(id)}`
    expect(await argsOf(['${input:a}', '${input:b}', '${input:a}'], {}, { inputs })).toEqual([
      'answer-1',
      'answer-2',
      'answer-1',
    ])
    expect(asked).toEqual(['a', 'b'])
  })

  test('nobody answers are missing', async () => {
    await expect(argsOf(['${input:key}'])).rejects.toThrow('input:key')
  })

  test('that fail say so', async () => {
    const inputs = () => Promise.reject(new Error('no terminal'))
    const failing = argsOf(['${input:a}'], {}, { inputs })
    await expect(failing).rejects.toMatchObject({
      code: 'CONFIG_UNRESOLVED',
      message: expect.stringContaining('no terminal'),
    })
  })

  test('stop being waited for when the signal is aborted', async () => {
    const controller = new AbortController()
    const waiting = argsOf(['${input:a}'], {}, { inputs: () => new Promise(() => {}), signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})

describe('what is missing', () => {
  test('is named all at once, without values', async () => {
    const entry = { command: '${A}', args: ['${B}', '${OK}', '${env:C}', '${B}', '${OWN}'], env: { OWN: '${D}' } }
    const failing = resolveOne(entry, { OK: 'hunter2hunter2' })
    await expect(failing).rejects.toMatchObject({
      code: 'CONFIG_UNRESOLVED',
      server: 's',
      phase: 'config',
      retryable: false,
    })
    await expect(failing).rejects.toThrow('Server "s" needs D, A, B, C, which are not set')
  })
})

describe('envFile', () => {
  let directory = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcpvisor-'))
    await writeFile(join(directory, '.env'), '\uFEFFA=file\r\nB="file b"\n')
  })
  afterAll(() => rm(directory, { recursive: true }))
  const at = () => ({ configPath: join(directory, 'mcp.json') })

  test('is read beside the configuration; env wins over it, and sees it', async () => {
    const entry = { command: 'x', args: ['${B}'], envFile: '.env', env: { A: 'own', C: '${B}!' } }
    const { endpoint } = await resolveOne(entry, { B: 'outer' }, at())
    expect(endpoint).toMatchObject({ args: ['file b'], env: { A: 'own', B: 'file b', C: 'file b!' } })
  })

  test('that cannot be read is unresolved', async () => {
    const failing = resolveOne({ command: 'x', envFile: 'none.env' }, {}, at())
    await expect(failing).rejects.toMatchObject({
      code: 'CONFIG_UNRESOLVED',
      message: expect.stringContaining('ENOENT'),
    })
  })

  test.skipIf(process.platform === 'win32')('that is a pipe is refused and not waited for', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe')])
    await expect(resolveOne({ command: 'x', envFile: 'pipe' }, {}, at())).rejects.toThrow('not a regular file')
  })
})

describe('secrets', () => {
  test('are the values of env, of placeholders, of headers, of the URL and of oauth, longest first', async () => {
    const stdio = await resolveOne(
      { command: 'x', args: ['--key', '${ARG}'], env: { TOKEN: 'tok-12345', DEBUG: 'true', PORT: '8080', S: 'abc' } },
      { ARG: 'argument-secret' },
    )
    expect(stdio.secrets).toEqual(['argument-secret', 'tok-12345'])
    const http = await resolveOne({
      url: 'https://user:p%40ss@x.example/mcp?key=query%20key&v=1',
      headers: { Authorization: 'Bearer bearer-token', Accept: 'application/json', 'X-Key': 'xkey' },
    })
    for (const secret of [
      'Bearer bearer-token',
      'bearer-token',
      'xkey',
      'user:p@ss',
      'p@ss',
      'p%40ss',
      'query key',
      'query%20key',
    ]) {
      expect(http.secrets).toContain(secret)
    }
    expect(http.secrets).not.toContain('application/json')
    expect(http.secrets.map(({ length }) => length)).toEqual(
      http.secrets.map(({ length }) => length).toSorted((a, b) => b - a),
    )
    const oauth = await resolveOne(
      { url: 'https://x.example', oauth: { clientId: 'my-client', clientSecret: '${CS}' } },
      { CS: 'cs-secret' },
    )
    expect(oauth.secrets).toEqual(['cs-secret'])
    expect(oauth.oauth).toEqual({ clientId: 'my-client', clientSecret: 'cs-secret' })
  })

  test('are the path of a URL where it is a key, and a login without password', async () => {
    const { secrets } = await resolveOne({ url: 'https://tok-login@x.example/s/ABCDEFGHIJ0123456789/mcp' })
    expect(secrets).toEqual(['ABCDEFGHIJ0123456789', 'tok-login:', 'tok-login'])
  })

  test('are not an address without login, nor the home of the user', async () => {
    const { secrets } = await resolveOne(
      { url: '${BASE}/mcp', headers: { A: '${HOME}' } },
      { BASE: 'https://x.example', HOME: 'abc' },
    )
    expect(secrets).toEqual([])
  })
})
