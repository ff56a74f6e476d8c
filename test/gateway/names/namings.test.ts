import { describe, expect, it, vi } from 'vitest'

import { createPrefixNaming } from '../../../src/gateway/names/naming.js'
import { stdioSurface } from '../../protocol/surfaces.js'
import { configOf, stdioServer } from '../../support/fixture-servers.js'
import { answered, legacyClient, openGateway } from '../gateway-bench.js'

describe('a reload', () => {
  it('that leaves one server is followed by names without a prefix; of several, the one before stays alone', async () => {
    const servers = { one: stdioServer(), two: stdioSurface('both') }
    const onError = vi.fn()
    const { supervisor, endpoint } = await openGateway({ one: servers.one }, { naming: 'plain', onError })
    const client = await legacyClient(endpoint)
    const names = async () => (await client.listTools()).tools.map(({ name }) => name)
    const ofOne = await names()
    expect(ofOne).toContain('echo')

    await supervisor.reload(configOf(servers))
    expect(await names()).toEqual(ofOne)
    expect(answered(await client.callTool({ name: 'add', arguments: { a: 1, b: 2 } }))).toBe('3')
    expect(servers.two.starts).toThrow('ENOENT')
    expect(onError.mock.calls.map(([{ message }]) => message as string)).toEqual([
      '"naming": "plain" must come with exactly one server, got 2',
    ])

    await supervisor.reload(configOf({ two: servers.two }))
    expect(await names()).toContain('colour')
    expect(await client.callTool({ name: 'add', arguments: { a: 1, b: 2 } })).toMatchObject({
      structuredContent: { sum: 3 },
    })
  })
})

describe('a server whose name another has by a clever hash', () => {
  it('is not shown, not started for anybody, and named to who watches', async () => {
    const [taken] = [createPrefixNaming(['x.y', 'x_y']).namesOf('x.y', ['t']).exposed('t')?.split('__')[0] ?? '']
    const [hidden, well] = [stdioServer(), stdioServer()]
    const onError = vi.fn()
    const servers = { 'x.y': hidden, x_y: well, [taken]: stdioServer() }
    const { endpoint } = await openGateway(servers, { onError })
    const client = await legacyClient(endpoint)
    const { tools } = await client.listTools()
    expect(new Set(tools.map(({ name }) => name.split('__')[0]))).toEqual(new Set(['x_y', taken]))
    expect(hidden.pids()).toEqual([])
    expect(onError.mock.calls.map(([{ message }]) => message as string)).toEqual([
      `Server "x.y" is not shown, for "${taken}" has its name`,
    ])
  })
})
