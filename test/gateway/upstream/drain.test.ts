import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { describe, expect, it } from 'vitest'

import { stdioSurface } from '../../protocol/surfaces.js'
import { stdioServer, until } from '../../support/fixture-servers.js'
import { answersAs, everyCapability } from '../answers-as.js'
import { answered, doors, legacyClient, modernClient, openGateway } from '../gateway-bench.js'
import { beginSession, callOf, initialize, send } from '../raw-client.js'

const ways = doors.flatMap((door) => [
  { ...door, era: '2025-11-25', connect: legacyClient },
  { ...door, era: '2026-07-28', connect: modernClient },
])
/** Far longer than a test may take: whoever waits for it fails. */
const longMs = 600_000

describe('a gateway that closes', () => {
  it.each(ways)(
    'hears what a client of $era over $over answers to a question, and takes no new request',
    async (way) => {
      const bench = await openGateway({ it: stdioSurface('both') })
      const closing: Promise<void>[] = []
      const refusals: unknown[] = []
      const begin = async (): Promise<void> => {
        closing.push(bench.gateway.close(longMs))
        const args = { name: 'it__add', arguments: { a: 1, b: 2 } }
        refusals.push(await client.callTool(args).catch((error: unknown) => error))
      }
      const client = await way.connect(way.door(bench), everyCapability, answersAs('anna', begin))
      const call = await client.callTool({ name: 'it__colour', arguments: { name: 'Anna' } })
      expect(answered(call)).toBe('Anna: anna')
      expect(refusals).toEqual([
        expect.objectContaining({ message: expect.stringContaining('The gateway is closing') }),
      ])
      await Promise.all(closing)
      expect(bench.gateway.clients()).toEqual([])
    },
  )

  it.each(ways)('does not wait for a client of $era over $over that only listens', async ({ door, connect }) => {
    const bench = await openGateway({ it: stdioSurface('both') })
    const client = await connect(door(bench))
    if (client instanceof LegacyClient) await client.listTools()
    else await client.listen({ toolsListChanged: true })
    await bench.gateway.close(longMs)
    expect(bench.gateway.clients()).toEqual([])
  })

  it('says to whoever watches that it lives and is not ready', async () => {
    const server = stdioServer()
    const { endpoint, gateway } = await openGateway({ server }, {}, { monitoring: true })
    const headers = await beginSession(endpoint.url, endpoint.token)
    const leaving = new AbortController()
    const body = callOf(1, 'server__sleep', { ms: 60_000 })
    const call = send(endpoint.url, { headers, body, signal: leaving.signal }).catch(() => 'left')
    await until(() => server.executed('sleep') === 1)
    const closed = gateway.close(longMs)
    const statusOf = async (path: string) => (await send(endpoint.url, { method: 'GET', path })).status
    expect([await statusOf('/healthz'), await statusOf('/readyz')]).toEqual([200, 503])
    expect(
      await send(endpoint.url, { headers: { authorization: headers['authorization'] }, body: initialize }),
    ).toMatchObject({ status: 503 })
    leaving.abort()
    expect(await call).toBe('left')
    await closed
  })
})
