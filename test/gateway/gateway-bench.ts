/** Gateways over real servers, and real clients of both lines of the SDK. */
import {
  Client as ModernClient,
  type ClientCapabilities,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
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

const authorized = (token: string | undefined) => ({
  requestInit: { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
})

/** A client on the first line of the SDK: a session of 2025-11-25. `prepare` comes before the handshake. */
export async function legacyClient(
  { url, token }: Pick<HttpEndpoint, 'url' | 'token'>,
  capabilities: ClientCapabilities = {},
  prepare: (client: LegacyClient) => void = () => {},
): Promise<LegacyClient> {
  const client = new LegacyClient(info, { capabilities })
  prepare(client)
  await client.connect(new LegacyTransport(new URL(url), authorized(token)) as Parameters<LegacyClient['connect']>[0])
  onTestFinished(() => client.close())
  return client
}

/** A client on the second line of the SDK, of 2026-07-28. */
export async function modernClient(
  { url, token }: Pick<HttpEndpoint, 'url' | 'token'>,
  capabilities: ClientCapabilities = {},
  prepare: (client: ModernClient) => void = () => {},
): Promise<ModernClient> {
  const client = new ModernClient(info, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } })
  prepare(client)
  await client.connect(new ModernTransport(new URL(url), authorized(token)))
  onTestFinished(() => client.close())
  return client
}

/** The text of the first block of an answer. */
export function answered(result: object): unknown {
  const [block] = ('content' in result ? result.content : []) as { text?: string }[]
  return block?.text
}
