import { LOG_LEVEL_META_KEY } from '@modelcontextprotocol/server'
import type { Client as ModernClient } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it } from 'vitest'

import { stdioSurface } from '../../protocol/surfaces.js'
import { stdioServer, until } from '../../support/fixture-servers.js'
import { answersAs, everyCapability } from '../answers-as.js'
import { type GatewayBench, answered, doors, legacyClient, modernClient, openGateway } from '../gateway-bench.js'

type AnyClient = LegacyClient | ModernClient

/** What a call of one client is told besides its answer. */
interface Heard {
  readonly progress: unknown[]
  readonly logs: unknown[]
}

/** So many clients of each era over each transport, each of its own name. */
function everyone(bench: GatewayBench, times = 1) {
  const kinds = doors.flatMap(({ door }) => [legacyClient, modernClient].map((connect) => ({ door, connect })))
  const wanted = Array.from({ length: times }, () => kinds).flat()
  return Promise.all(
    wanted.map(async ({ door, connect }, n) => {
      const name = `client-${n}`
      const heard: Heard = { progress: [], logs: [] }
      const client = await connect(door(bench), everyCapability, (it: AnyClient) => {
        answersAs(name)(it)
        const note = ({ params }: { params: { data?: unknown } }) => void heard.logs.push(params.data)
        if (it instanceof LegacyClient) it.setNotificationHandler(LoggingMessageNotificationSchema, note)
        else it.setNotificationHandler('notifications/message', note)
      })
      return { name, client, heard, call: callerOf(client, heard) }
    }),
  )
}

/** Calls a tool with log messages of errors alone, and one that takes steps with progress. */
function callerOf(client: AnyClient, { progress }: Heard) {
  return async (name: string, args: Record<string, unknown> = {}, signal?: AbortSignal) => {
    const options = {
      ...(name.endsWith('steps') && {
        onprogress: ({ message }: { message?: string | undefined }) => void progress.push(message),
      }),
      ...(signal && { signal }),
    }
    const params = { name, arguments: args, _meta: { [LOG_LEVEL_META_KEY]: 'error' as const } }
    const isLegacy = client instanceof LegacyClient
    return answered(await (isLegacy ? client.callTool(params, undefined, options) : client.callTool(params, options)))
  }
}

describe.each(['both', 'modern'] as const)('clients of both eras over both transports, and a server of %s,', (down) => {
  it('are each asked and told what belongs to their own calls, while all call at once', async () => {
    const bench = await openGateway({ it: stdioSurface(down, { supervisor: { session: 'per-client' } }) })
    const clients = await everyone(bench)
    for (const { client } of clients) if (client instanceof LegacyClient) await client.setLoggingLevel('error')
    const said = clients.map(async ({ name, call }) => [
      await call('it__colour', { name }),
      await call('it__steps', { name }),
      await call('it__think', { about: 'that' }),
      await call('it__log'),
      await call('it__roots'),
    ])
    const expected = clients.map(({ name }) => [
      `${name}: ${name}`,
      name,
      `${name} thinks`,
      'logged',
      `file:///${name}`,
    ])
    expect(await Promise.all(said)).toEqual(expected)
    expect(clients.map(({ heard }) => heard)).toEqual(
      clients.map(({ name }) => ({ progress: Array<string>(3).fill(name), logs: ['loud'] })),
    )
  })
})

describe('clients of both eras over both transports, and a shared server,', () => {
  it('give up their own calls and no others', async () => {
    const server = stdioServer()
    const bench = await openGateway({ it: server })
    const clients = await everyone(bench)
    const requests = (method: string) =>
      server.journal.lines().flatMap((line) => (line.method === method ? [line] : []))
    const calls = clients.map(({ name, call }) => {
      const leaving = new AbortController()
      const outcome = call('it__sleep', { ms: 60_000, name }, leaving.signal).catch(() => 'given up')
      return { name, leaving, outcome }
    })
    await until(() => server.executed('sleep') === calls.length)
    for (const [n, { name, leaving, outcome }] of calls.entries()) {
      leaving.abort()
      expect(await outcome).toBe('given up')
      await until(() => requests('notifications/cancelled').length > n)
      expect(bench.supervisor.status('it').inFlight).toBe(calls.length - n - 1)
      const mine = requests('tools/call').find(({ params }) => JSON.stringify(params).includes(`"${name}"`))
      expect(requests('notifications/cancelled')[n]?.params).toMatchObject({ requestId: mine?.id })
    }
  })

  it('get their own answers, however many they are', async () => {
    const bench = await openGateway({ it: stdioServer() })
    const clients = await everyone(bench, 8)
    const calls = clients.flatMap(({ name, call }) =>
      [1, 2, 3, 4].map(async (n) => [`${name} ${n}`, await call('it__echo', { text: `${name} ${n}` })]),
    )
    for (const [asked, answer] of await Promise.all(calls)) expect(answer).toBe(asked)
    // Those of 2026-07-28 over HTTP have come with one token.
    expect(bench.gateway.clients()).toHaveLength(3 * 8 + 1)
  })
})
