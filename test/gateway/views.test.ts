import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it, vi } from 'vitest'

import { isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { answered, legacyClient, modernClient, openGateway } from './gateway-bench.js'
import { sendSlowly } from './raw-client.js'

const tokens = { reader: 'r'.repeat(20), writer: 'w'.repeat(20), renewed: 'n'.repeat(20) }
const reader = { token: tokens.reader, allow: ['server/echo', 'server/add'] }
const writer = { token: tokens.writer }
const views = { reader, writer }

const eras = [
  { era: '2025-11-25', connect: legacyClient },
  { era: '2026-07-28', connect: modernClient },
]

describe.each(eras)('views that are put in force while clients of $era are connected', ({ connect }) => {
  it('narrow what is listed and called at once, for those whose view it is', async () => {
    const { gateway, endpoint } = await openGateway({ server: stdioServer() }, { views })
    const [narrowed, other] = await Promise.all(
      [tokens.reader, tokens.writer].map((token) => connect({ url: endpoint.url, token })),
    )
    expect(await names(narrowed)).toEqual(['server__add', 'server__echo'])
    const before = await names(other)

    gateway.reload({ views: { reader: { ...reader, deny: ['server/add'] }, writer } })

    expect(await names(narrowed)).toEqual(['server__echo'])
    const refused = narrowed?.callTool({ name: 'server__add', arguments: { a: 1, b: 2 } })
    await expect(refused).rejects.toThrow('server__add')
    expect(answered((await narrowed?.callTool({ name: 'server__echo', arguments: { text: 'a' } })) ?? {})).toBe('a')
    expect(await names(other)).toEqual(before)
  })

  it('let those go whose token is none any more, and their own processes', async () => {
    const server = stdioServer({}, { session: 'per-client' })
    const { gateway, endpoint } = await openGateway({ server }, { views })
    const leaving = await connect({ url: endpoint.url, token: tokens.reader })
    const staying = await connect({ url: endpoint.url, token: tokens.writer })
    const echo = { name: 'server__echo', arguments: { text: 'a' } }
    await leaving.callTool(echo)
    await staying.callTool(echo)
    const running = () => server.pids().filter(isRunning).length
    const before = running()

    gateway.reload({ views: { reader: { ...reader, token: tokens.renewed }, writer } })

    await expect(leaving.callTool(echo)).rejects.toThrow(/401|valid bearer token/)
    await until(() => running() === before - 1)
    expect(answered(await staying.callTool(echo))).toBe('a')
    const again = await connect({ url: endpoint.url, token: tokens.renewed })
    expect(await names(again)).toEqual(['server__add', 'server__echo'])
  })

  async function names(client: Awaited<ReturnType<typeof connect>> | undefined) {
    return (await client?.listTools())?.tools.map(({ name }) => name).toSorted()
  }
})

describe('views that are put in force', () => {
  it('are told to the clients that see something else now, and to no others', async () => {
    const { gateway, endpoint } = await openGateway({ server: stdioServer() }, { views })
    const [narrowed, other] = [vi.fn(), vi.fn()]
    await legacyClient({ url: endpoint.url, token: tokens.reader }, {}, (client) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, narrowed),
    )
    const writing = await legacyClient({ url: endpoint.url, token: tokens.writer }, {}, (client) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, other),
    )
    await writing.listTools()
    const listedOnce = other.mock.calls.length

    // It is told on the stream that the client opens after its handshake.
    await until(() => {
      gateway.reload({ views: { reader: { ...reader, allow: ['server/echo'] }, writer } })
      gateway.reload({ views })
      return narrowed.mock.calls.length > 0
    })
    await writing.listTools()
    expect(other.mock.calls.length).toBe(listedOnce)
  })

  it('change nothing when one of them is wrong', async () => {
    const { gateway, endpoint } = await openGateway({ server: stdioServer() }, { views })
    const client = await legacyClient({ url: endpoint.url, token: tokens.reader })
    const wrong = () => gateway.reload({ views: { reader: { ...reader, deny: ['*'] }, writer: { token: 'short' } } })
    expect(wrong).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    expect((await client.listTools()).tools).toHaveLength(2)
    await expect(legacyClient({ url: endpoint.url, token: 'short' })).rejects.toMatchObject({ code: 401 })
  })

  it('hold for a request whose body was still under way', async () => {
    const { gateway, endpoint } = await openGateway({ server: stdioServer() }, { views })
    const slow = await sendSlowly(endpoint.url, tokens.reader)
    gateway.reload({ views: { writer } })
    slow.finish({ jsonrpc: '2.0', id: 1, method: 'ping' })
    expect(await slow.status).toBe(401)
  })
})
