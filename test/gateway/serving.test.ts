import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { createFileCatalogStore } from '../../src/index.js'
import { httpSurface, stdioSurface } from '../protocol/surfaces.js'
import { stdioServer, until } from '../support/fixture-servers.js'
import { answered, legacyClient, modernClient, openGateway } from './gateway-bench.js'

const eras = [
  { era: '2025-11-25', client: legacyClient },
  { era: '2026-07-28', client: modernClient },
]

describe.each(eras)('a client of $era', ({ client: connect }) => {
  it('sees the tools of all servers under the names of their servers, and calls them', async () => {
    const { endpoint } = await openGateway({ one: stdioServer(), two: stdioSurface('both') })
    const client = await connect(endpoint)
    const { tools } = await client.listTools()
    const names = tools.map(({ name }) => name)
    expect(names).toContain('one__echo')
    expect(names).toContain('two__add')
    expect(answered(await client.callTool({ name: 'one__echo', arguments: { text: 'hello' } }))).toBe('hello')
    expect(await client.callTool({ name: 'two__add', arguments: { a: 2, b: 3 } })).toMatchObject({
      structuredContent: { sum: 5 },
    })
  })

  it('reads resources, gets prompts and completes both', async () => {
    const { endpoint } = await openGateway({ it: stdioSurface('both') })
    const client = await connect(endpoint)
    expect(await client.listResources()).toMatchObject({ resources: [{ uri: 'mcpvisor:it/surface://motto' }] })
    expect(await client.listResourceTemplates()).toMatchObject({
      resourceTemplates: [{ uriTemplate: 'mcpvisor:it/surface://notes/{id}' }],
    })
    const uri = 'mcpvisor:it/surface://notes/two'
    expect(await client.readResource({ uri })).toMatchObject({ contents: [{ uri, text: 'note two' }] })
    expect(await client.listPrompts()).toMatchObject({ prompts: [{ name: 'it__praise' }] })
    expect(await client.getPrompt({ name: 'it__praise', arguments: { language: 'rust' } })).toMatchObject({
      messages: [{ content: { text: 'Praise rust' } }],
    })
    const ofPrompt = {
      ref: { type: 'ref/prompt' as const, name: 'it__praise' },
      argument: { name: 'language', value: 'ru' },
    }
    expect(await client.complete(ofPrompt)).toMatchObject({ completion: { values: ['rust', 'ruby'] } })
    const ref = { type: 'ref/resource' as const, uri: 'mcpvisor:it/surface://notes/{id}' }
    expect(await client.complete({ ref, argument: { name: 'id', value: 't' } })).toMatchObject({
      completion: { values: ['two', 'three'] },
    })
  })

  it('is told the error of a server as it came, and one of our own for what does not exist', async () => {
    const { endpoint } = await openGateway({ one: stdioServer(), two: stdioSurface('both') })
    const client = await connect(endpoint)
    await expect(client.callTool({ name: 'one__rpc-error', arguments: {} })).rejects.toMatchObject({
      code: expect.any(Number),
    })
    await expect(client.callTool({ name: 'one__nothing', arguments: {} })).rejects.toMatchObject({ code: -32602 })
    await expect(client.callTool({ name: 'nothing', arguments: {} })).rejects.toMatchObject({ code: -32602 })
    await expect(client.readResource({ uri: 'mcpvisor:nobody/a' })).rejects.toMatchObject({ code: -32602 })
  })

  it('finds the one server as it is where names have no prefix', async () => {
    const { endpoint } = await openGateway(
      { it: { url: (await httpSurface({ legacy: false })).url } },
      { naming: 'plain' },
    )
    const client = await connect(endpoint)
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('add')
    expect(await client.readResource({ uri: 'surface://motto' })).toMatchObject({
      contents: [{ uri: 'surface://motto' }],
    })
    expect(await client.getPrompt({ name: 'praise', arguments: { language: 'go' } })).toMatchObject({ messages: [{}] })
  })
})

describe('names without a prefix', () => {
  it('are refused for more than one server', async () => {
    const opening = openGateway({ one: stdioServer(), two: stdioServer() }, { naming: 'plain' })
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: '"naming": "plain" must come with exactly one server, got 2',
    })
  })
})

it('lists from an earlier life start no server, and the first call starts it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvisor-catalogs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const one = stdioServer()
  const life = () => openGateway({ one }, {}, {}, { catalogStore: createFileCatalogStore(folder) })
  const first = await life()
  const before = await (await legacyClient(first.endpoint)).listTools()
  await first.gateway.close(0)
  await first.supervisor.close()

  const { supervisor, endpoint } = await life()
  const client = await legacyClient(endpoint)
  expect(await client.listTools()).toEqual(before)
  expect(supervisor.status('one')).toMatchObject({ state: 'idle', generation: 0 })
  expect(answered(await client.callTool({ name: 'one__echo', arguments: { text: 'hello' } }))).toBe('hello')
  expect(supervisor.status('one')).toMatchObject({ state: 'ready', generation: 1 })
})

describe('lists', () => {
  it('come from memory: a server that ended for want of use is not started for them, but for a call', async () => {
    const server = stdioServer({}, { idleTimeoutMs: 100 })
    const { endpoint, supervisor } = await openGateway({ server })
    const client = await legacyClient(endpoint)
    const first = await client.listTools()
    await until(() => supervisor.status('server').state === 'idle')
    expect(await client.listTools()).toEqual(first)
    expect(supervisor.status('server').state).toBe('idle')
    expect(server.pids()).toHaveLength(1)
    await client.callTool({ name: 'server__echo', arguments: { text: 'again' } })
    expect(server.pids()).toHaveLength(2)
  })

  it('leave out what the configuration excludes, and so do calls', async () => {
    const { entry } = stdioServer()
    const { endpoint } = await openGateway({
      server: { ...entry, includeTools: ['echo', 'add'], excludeTools: ['add'] },
    })
    const client = await legacyClient(endpoint)
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['server__echo'])
    await expect(client.callTool({ name: 'server__add', arguments: { a: 1, b: 2 } })).rejects.toMatchObject({
      code: -32602,
    })
  })
})
