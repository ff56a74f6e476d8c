/** Gateways over real servers, and real clients of both lines of the SDK, over HTTP or at the other end of a pipe. */
import { PassThrough } from 'node:stream'

import {
  Client as ModernClient,
  type ClientCapabilities,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { onTestFinished } from 'vitest'

import {
  type Gateway,
  type GatewayOptions,
  type HttpEndpoint,
  createGateway,
  relayedHandlers,
} from '../../src/gateway/index.js'
import type { ListenOptions } from '../../src/gateway/index.js'
import type { Supervisor, SupervisorOptions } from '../../src/index.js'
import { supervise } from '../support/fixture-servers.js'

export interface GatewayBench {
  readonly supervisor: Supervisor
  readonly gateway: Gateway
  readonly endpoint: HttpEndpoint
}

/** A gateway over these servers that listens until the test ends. */
export async function openGateway(
  servers: Readonly<Record<string, unknown>>,
  options: GatewayOptions = {},
  listening: ListenOptions = {},
  supervising: SupervisorOptions = {},
): Promise<GatewayBench> {
  const supervisor = supervise(servers, { handlers: relayedHandlers, ...supervising })
  const gateway = createGateway(supervisor, options)
  onTestFinished(() => gateway.close(0))
  return { supervisor, gateway, endpoint: await gateway.listen(listening) }
}

const info = { name: 'test', version: '1.0.0' }

/** Where a client connects to: an endpoint, or a pipe of its own to the gateway. */
export type Door = Pick<HttpEndpoint, 'url' | 'token'> | Pick<GatewayBench, 'gateway'>

export const doors = [
  { over: 'HTTP', door: ({ endpoint }: GatewayBench): Door => endpoint },
  { over: 'stdio', door: ({ gateway }: GatewayBench): Door => ({ gateway }) },
]

/** The framing is the same in both directions, so that the transport of a server serves a client too. */
function pipeTo(gateway: Gateway): StdioServerTransport {
  const [up, down] = [new PassThrough(), new PassThrough()]
  gateway.serveStdio({ stdin: up, stdout: down })
  onTestFinished(() => void up.end())
  return new StdioServerTransport(down, up)
}

const authorized = (token: string | undefined) => ({
  requestInit: { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
})

/** A client on the first line of the SDK: a session of 2025-11-25. `prepare` comes before the handshake. */
export async function legacyClient(
  door: Door,
  capabilities: ClientCapabilities = {},
  prepare: (client: LegacyClient) => void = () => {},
): Promise<LegacyClient> {
  const client = new LegacyClient(info, { capabilities })
  prepare(client)
  const transport =
    'gateway' in door ? pipeTo(door.gateway) : new LegacyTransport(new URL(door.url), authorized(door.token))
  await client.connect(transport as Parameters<LegacyClient['connect']>[0])
  onTestFinished(() => client.close())
  return client
}

/** A client on the second line of the SDK, of 2026-07-28. */
export async function modernClient(
  door: Door,
  capabilities: ClientCapabilities = {},
  prepare: (client: ModernClient) => void = () => {},
): Promise<ModernClient> {
  const client = new ModernClient(info, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } })
  prepare(client)
  await client.connect(
    'gateway' in door ? pipeTo(door.gateway) : new ModernTransport(new URL(door.url), authorized(door.token)),
  )
  onTestFinished(() => client.close())
  return client
}

/** The text of the first block of an answer. */
export function answered(result: object): unknown {
  const [block] = ('content' in result ? result.content : []) as { text?: string }[]
  return block?.text
}
