import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { McpError } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'

import { capabilitiesOf } from '../../calls/handlers.js'
import { longestDelayMs } from '../../config/defaults.js'
import { type Failure, SupervisorError, messageOf } from '../../errors.js'
import type { Transport } from '../transport.js'
import { handshakeFailed } from './handshake-failed.js'
import type { SessionHost, SessionInfo } from './session.js'

/** What the SDK uses of a transport. */
export type SdkEnd = Pick<
  Transport,
  'start' | 'close' | 'send' | 'setProtocolVersion' | 'onmessage' | 'onclose' | 'onerror'
>

/**
 * Does the handshake of the revisions with `initialize`, by `@modelcontextprotocol/sdk`. Nothing outside this file knows
 * that SDK. Rejects with the transport's failure, or `HANDSHAKE_FAILED`.
 */
export async function initialize(transport: SdkEnd, host: SessionHost): Promise<Omit<SessionInfo, 'protocolVersion'>> {
  const client = new Client(host.clientInfo, { capabilities: capabilitiesOf(host.handlers ?? {}) })
  client.onerror = (error) => host.violated(error.message)
  try {
    await client.connect(transport as unknown as SdkTransport, { timeout: longestDelayMs })
  } catch (error) {
    throw handshakeError(error, host)
  }
  const instructions = client.getInstructions()
  return {
    serverInfo: client.getServerVersion() ?? { name: host.server, version: '' },
    capabilities: client.getServerCapabilities() ?? {},
    ...(instructions !== undefined && { instructions }),
  }
}

/** The transport's own failure, or why the handshake is not one. */
function handshakeError(error: unknown, host: SessionHost): SupervisorError {
  if (error instanceof SupervisorError) return error
  const { detail, mcp } = reasonOf(error)
  // The error of the SDK is no cause to show: it holds the text of the server as it came.
  return handshakeFailed(host, detail, mcp)
}

function reasonOf(error: unknown): Pick<Failure, 'mcp'> & { detail: string } {
  if (error instanceof McpError) {
    const { code, data, message } = error
    // The SDK puts the code in front of every message.
    const detail = message.replace(`MCP error ${code}: `, '')
    return { detail: `error ${code}: ${detail}`, mcp: { code, ...(data !== undefined && { data }) } }
  }
  if (error instanceof z.ZodError) return { detail: z.prettifyError(error).replaceAll('\n', ' ') }
  return { detail: messageOf(error) }
}
