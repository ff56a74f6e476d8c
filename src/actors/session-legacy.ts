import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { McpError } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'

import { longestDelayMs } from '../config/defaults.js'
import { type Failure, SupervisorError, failure } from '../errors.js'
import type { OpenSession, Session, SessionHost, SessionInfo } from './session.js'
import type { Message, Transport } from './transport.js'

/** Results are checked where they are used: a schema here would reject a whole list for one bad item. */
const anyResult = z.any()

/**
 * Sessions of the revisions with `initialize`, 2024-11-05 to 2025-11-25, on `@modelcontextprotocol/sdk`.
 * Nothing outside this file knows that SDK.
 */
export const openLegacySession: OpenSession = async (transport, host) => {
  const client = new Client(host.clientInfo, { capabilities: {} })
  client.onerror = (error) => host.violated(error.message)
  client.fallbackNotificationHandler = async ({ method, params }) => host.notified(method, params ?? {})
  try {
    await client.connect(answeringTransport(transport), { timeout: longestDelayMs })
  } catch (error) {
    throw handshakeError(error, host)
  }
  return fromClient(client, transport, host)
}

function fromClient(client: Client, transport: Transport, host: SessionHost): Session {
  const info: SessionInfo = {
    protocolVersion: negotiated.get(transport) ?? 'unknown',
    serverInfo: client.getServerVersion() ?? { name: host.server, version: '' },
    capabilities: client.getServerCapabilities() ?? {},
    ...(client.getInstructions() !== undefined && { instructions: client.getInstructions() as string }),
  }
  return {
    info,
    async request(method, params, { signal, onProgress }) {
      try {
        return await client.request({ method, params }, anyResult, {
          signal,
          timeout: longestDelayMs,
          ...(onProgress && { onprogress: onProgress }),
        })
      } catch (error) {
        throw requestError(error, host)
      }
    },
    notify: (method, params) => client.notification({ method, ...(params && { params }) }),
  }
}

const negotiated = new WeakMap<Transport, string>()

/**
 * The transport as the SDK should see it: a request that will never be answered gets an error as its answer, with ours
 * inside. The SDK forgets a request only when it is answered; one whose `send` rejects would stay in its maps.
 */
function answeringTransport(transport: Transport): SdkTransport {
  const facade = {
    start: () => transport.start(),
    close: () => transport.close(),
    async send(message: Message) {
      const { id, method } = message
      try {
        await transport.send(message)
      } catch (error) {
        if (id === undefined || method === undefined) throw error
        facade.onmessage?.({ jsonrpc: '2.0', id, error: { code: -32_000, message: 'no answer', data: error } })
      }
    },
    setProtocolVersion(version: string) {
      negotiated.set(transport, version)
      transport.setProtocolVersion?.(version)
    },
    onmessage: undefined as ((message: Message) => void) | undefined,
    onclose: undefined as (() => void) | undefined,
    onerror: undefined as ((error: Error) => void) | undefined,
  }
  transport.onmessage = (message) => facade.onmessage?.(message)
  transport.onclose = () => facade.onclose?.()
  transport.onerror = (error) => facade.onerror?.(error)
  return facade as unknown as SdkTransport
}

function requestError(error: unknown, { server }: SessionHost): SupervisorError {
  const own = ownError(error)
  if (own) return own
  if (error instanceof McpError) return new SupervisorError(mcpFailure(error, server))
  const detail = error instanceof Error ? error.message : String(error)
  return new SupervisorError(
    failure('CONNECTION_LOST', `Server "${server}": the session ended: ${detail}`, { server, delivered: 'maybe' }),
    error,
  )
}

function handshakeError(error: unknown, { server }: SessionHost): SupervisorError {
  const own = ownError(error)
  if (own) return own
  const of = (detail: string, extra: Partial<Failure> = {}) =>
    new SupervisorError(
      failure('HANDSHAKE_FAILED', `Server "${server}" refused the handshake: ${detail}`, {
        server,
        phase: 'handshake',
        ...extra,
      }),
      error,
    )
  if (error instanceof McpError) return of(plainMessage(error), { mcp: mcpFields(error) })
  if (error instanceof z.ZodError || isIssueList(error)) return of(z.prettifyError(error as z.ZodError).replaceAll('\n', ' '))
  return of(error instanceof Error ? error.message : String(error))
}

/** The transport's own failure, which travelled through the SDK as the data of an answer. */
function ownError(error: unknown): SupervisorError | undefined {
  if (error instanceof SupervisorError) return error
  return error instanceof McpError && error.data instanceof SupervisorError ? error.data : undefined
}

function mcpFailure(error: McpError, server: string): Failure {
  return failure('MCP_ERROR', `Server "${server}" answered with error ${error.code}: ${plainMessage(error)}`, {
    server,
    delivered: 'yes',
    mcp: mcpFields(error),
  })
}

function mcpFields({ code, data }: McpError): NonNullable<Failure['mcp']> {
  return { code, ...(data !== undefined && { data }) }
}

/** The SDK puts the code in front of every message. */
function plainMessage({ code, message }: McpError): string {
  const prefix = `MCP error ${code}: `
  return message.startsWith(prefix) ? message.slice(prefix.length) : message
}

function isIssueList(error: unknown): boolean {
  return error instanceof Error && 'issues' in error
}
