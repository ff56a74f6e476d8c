import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { createFileCatalogStore } from '../../src/index.js'
import { watch } from '../support/fault-watch.js'
import { configOf, stdioServer, supervise, until } from '../support/fixture-servers.js'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'catalogs-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('knows the catalogue of a server once it has listed, and marks it stale while the server is away', async () => {
  const server = stdioServer({}, { maxRestarts: 0 })
  const supervisor = supervise({ server })
  expect(supervisor.catalog('server')).toBeUndefined()
  expect(server.pids()).toEqual([])

  const tools = await supervisor.listTools('server')

  const fresh = supervisor.catalog('server')
  expect(fresh).toMatchObject({ protocolVersion: '2025-11-25', stale: false, capabilities: { tools: {} } })
  expect(fresh?.tools).toEqual(tools)
  const { pid } = supervisor.status('server')
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  await until(() => supervisor.status('server').state === 'failed')
  expect(supervisor.catalog('server')).toEqual({ ...fresh, stale: true })
  expect(await supervisor.listTools('server', { stale: 'allow' })).toEqual(tools)
  expect(supervisor.status('server').state).toBe('failed')
})

test('keeps a catalogue through restarts and reloads of the same entry, and drops that of another entry', async () => {
  const server = stdioServer()
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  await supervisor.restart('server')
  await supervisor.reload(configOf({ server }))
  expect(supervisor.catalog('server')).toMatchObject({ stale: false })

  const { entry } = server
  await supervisor.reload(configOf({ server: { ...entry, env: { ...entry.env, MODE: 'other' } } }))
  expect(supervisor.catalog('server')).toBeUndefined()
  await supervisor.reload(configOf({}))
  expect(supervisor.catalog('server')).toBeUndefined()
})

test('knows from the store what a server of an earlier process listed, before it is started', async () => {
  const store = createFileCatalogStore(join(folder(), 'below'))
  const server = stdioServer()
  const before = supervise({ '../../server': server }, { catalogStore: store })
  const tools = await before.listTools('../../server')
  await before.close()

  const after = supervise({ '../../server': server }, { catalogStore: store })
  expect(after.catalog('../../server')).toMatchObject({ stale: true, tools })
  expect(await after.listTools('../../server', { stale: 'allow' })).toEqual(tools)
  expect(server.pids()).toHaveLength(1)
  const other = { ...server.entry, args: [...(server.entry.args ?? []), 'more'] }
  expect(supervise({ '../../server': other }, { catalogStore: store }).catalog('../../server')).toBeUndefined()
})

test('stores a catalogue where only its owner reads it, without the secrets of the configuration', async () => {
  const path = folder()
  const secret = 'a-secret-of-the-entry'
  const value = { tools: [{ name: 'tell', description: `with ${secret}`, inputSchema: { type: 'object' } }] }
  const server = stdioServer({ 'tools/list': { mode: 'result', value } })
  const entry = { ...server.entry, env: { ...server.entry.env, API_TOKEN: secret } }
  const supervisor = supervise({ server: entry }, { catalogStore: createFileCatalogStore(path) })
  await supervisor.connect('server')
  await supervisor.close()

  const files = readdirSync(path).map((name) => join(path, name))
  expect(files).toHaveLength(1)
  const [file = ''] = files
  expect(statSync(file).mode & 0o077).toBe(0)
  expect(readFileSync(file, 'utf8')).toContain('"tell"')
  expect(readFileSync(file, 'utf8')).not.toContain(secret)
})

test('asks again for tools only after the time for which the server promises that they hold', async () => {
  const tools = [{ name: 'tell', inputSchema: { type: 'object' } }]
  const listsOf = async (ttlMs: number) => {
    const server = stdioServer({ 'tools/list': { mode: 'result', value: { tools, ttlMs } } })
    const supervisor = supervise({ server })
    for (let n = 0; n < 5; n++) {
      await supervisor.listTools('server')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return server.received('tools/list')
  }
  expect(await listsOf(600_000)).toBe(1)
  expect(await listsOf(1)).toBeGreaterThan(3)
})

test.each([
  ['is no JSON', '{'],
  ['is of another shape', '{"version":1,"server":"server","catalogs":[{"digest":"a","catalog":{}}]}'],
])('tells of a stored catalogue that %s, and does without', async (_, text) => {
  const path = folder()
  const catalogStore = createFileCatalogStore(path)
  await catalogStore.write('server', { version: 1, server: 'server', catalogs: [] })
  const [name = ''] = readdirSync(path)
  writeFileSync(join(path, name), text)
  const server = stdioServer()
  const supervisor = supervise({ server }, { catalogStore })
  const { of } = watch(supervisor)
  expect(supervisor.catalog('server')).toBeUndefined()
  await until(() => of('catalog.unusable').length > 0)
  expect(of('catalog.unusable')).toMatchObject([{ server: 'server', reason: expect.stringContaining('stored') }])
  await supervisor.connect('server')
  expect(supervisor.catalog('server')).toMatchObject({ stale: false })
})

test('tells of a store that cannot write, and loses no call by it', async () => {
  const catalogStore = { read: () => undefined, write: () => Promise.reject(new Error('no room')) }
  const server = stdioServer()
  const supervisor = supervise({ server }, { catalogStore })
  const { of } = watch(supervisor)
  await supervisor.callTool('server', 'pid')
  await until(() => of('catalog.unusable').length > 0)
  expect(of('catalog.unusable')[0]?.reason).toContain('no room')
})
