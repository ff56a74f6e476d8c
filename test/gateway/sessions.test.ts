import type { Client as ModernClient } from '@modelcontextprotocol/client'
import type { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it } from 'vitest'

import { stdioSurface } from '../protocol/surfaces.js'
import { isRunning, stdioServer, until } from '../support/fixture-servers.js'
import { answered, legacyClient, modernClient, openGateway } from './gateway-bench.js'

type Client = LegacyClient | ModernClient

const sessions = [
  { session: 'per-call' as const, standing: 0 },
  { session: { pool: 2 }, standing: 2 },
]
const eras = [
  { era: '2025-11-25', connect: legacyClient },
  { era: '2026-07-28', connect: modernClient },
]

const call = async (client: Client, name: string, args: Record<string, unknown> = {}) =>
  String(answered(await client.callTool({ name: `it__${name}`, arguments: args })))

describe.each(eras.flatMap((era) => sessions.map((session) => ({ ...era, ...session }))))(
  'two clients of $era, and a server whose session is $session,',
  ({ connect, session, standing }) => {
    it('get their own answers, each from a process that nobody used before', async () => {
      const server = stdioServer({}, { session })
      const { endpoint, gateway, supervisor } = await openGateway({ it: server })
      const clients = [await connect(endpoint), await connect(endpoint)]
      await Promise.all(clients.map((client) => client.listTools()))
      const shared = supervisor.status('it').pid
      const texts = ['first', 'second']
      const told = clients.flatMap((client, n) => texts.map((text) => ask(client, `${n}: ${text}`)))
      expect(await Promise.all(told)).toEqual(
        [0, 1].flatMap((n) => texts.map((text) => ({ echoed: `${n}: ${text}`, count: '1' }))),
      )
      // Eight calls, the shared process that lists, and those that stand by.
      const isOver = () => server.pids().length >= 1 + 8 + standing
      await until(() => isOver() && server.pids().filter(isRunning).length === 1 + standing)
      expect(server.pids()).toHaveLength(1 + 8 + standing)
      expect(supervisor.status('it')).toMatchObject({ pid: shared, inFlight: 0, queued: 0 })
      await gateway.close(0)
      await supervisor.close()
      expect(server.pids().filter(isRunning)).toEqual([])
    })

    /** What two calls at once say: what was given, and how often the tool was called in that process. */
    async function ask(client: Client, text: string) {
      const [echoed, count] = await Promise.all([call(client, 'echo', { text }), call(client, 'counter')])
      return { echoed, count }
    }
  },
)

describe.each(sessions)('a server that asks, whose session is $session,', ({ session }) => {
  it('asks the client whose call it is, however many call at once', async () => {
    const { endpoint } = await openGateway({ it: stdioSurface('both', { supervisor: { session } }) })
    const thinksAs = (name: string) => (client: LegacyClient) =>
      client.setRequestHandler(CreateMessageRequestSchema, () => ({
        role: 'assistant',
        model: 'm',
        content: { type: 'text', text: name },
      }))
    const names = ['anna', 'bert']
    const clients = await Promise.all(names.map((name) => legacyClient(endpoint, { sampling: {} }, thinksAs(name))))
    const thoughts = [0, 1, 0, 1].map(async (n) => call(clients[n] as LegacyClient, 'think', { about: 'that' }))
    expect(await Promise.all(thoughts)).toEqual(['anna', 'bert', 'anna', 'bert'])
  })
})

describe('a server that answers but fails to list', () => {
  it.each(eras)('is called by the names that clients of $era know, within their view', async ({ connect }) => {
    const { endpoint } = await openGateway(
      { it: stdioServer({ 'tools/list': 'error' }) },
      { view: { deny: ['it/counter'] } },
    )
    const client = await connect(endpoint)
    expect(await call(client, 'echo', { text: 'known' })).toBe('known')
    await expect(call(client, 'counter')).rejects.toMatchObject({ code: -32602 })
  })
})
