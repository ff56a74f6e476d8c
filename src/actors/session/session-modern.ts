import { z } from 'zod'

import { createCancellation } from '../../calls/cancellation.js'
import { SupervisorError, asFailure } from '../../errors.js'
import { createEnvelope } from './envelope.js'
import { handshakeFailed } from './handshake-failed.js'
import { throughRounds } from './input-rounds.js'
import { createInterruptions } from './interruptions.js'
import { startListening } from './listening.js'
import { type RequestOptions, type Requests, createRequests, mcpFailure } from './requests.js'
import { modernRevision } from '../wire/revisions.js'
import type { OpenSession, SessionHost, SessionInfo } from './session.js'

type Body = Record<string, unknown>

const unsupportedVersion = -32022

/**
 * Sessions of revision 2026-07-28, which has none: every request stands for itself. What is kept is what the server told
 * of itself, what it is asked to tell of its changes, and the answers that are still awaited.
 */
export const openModernSession: OpenSession = async (transport, host) => {
  const { server, clock, mask, handlers = {} } = host
  transport.setProtocolVersion?.(modernRevision)
  await transport.start()
  const isHttp = transport.pid === undefined
  const envelope = createEnvelope({ clientInfo: host.clientInfo, handlers, isHttp })
  const requests = createRequests({
    server,
    transport,
    clock,
    mask,
    dress: (method, params, { caller }) => envelope.dress(method, params, caller),
    tracing: host.tracing,
  })
  const interruptions = createInterruptions(server)
  transport.onmessage = (message, relatedTo) => {
    if (requests.take(message) || listening?.take(message)) return
    const { id, method, params = {} } = message
    if (method !== undefined && id === undefined) host.notified(method, params, requests.callers(relatedTo))
    else
      host.violated(method === undefined ? 'an answer to nothing' : `${method} must not be a request in this revision`)
  }
  transport.onclose = () => {
    listening?.stop()
    interruptions.end()
  }
  transport.onerror = (error) => host.violated(error.message)
  let listening: ReturnType<typeof startListening> | undefined
  const info = await discover(requests, host).catch((error: unknown) => {
    // The other era may be spoken on this transport after all.
    transport.setProtocolVersion?.('')
    throw error
  })
  listening = startListening({
    server,
    clock,
    transport,
    capabilities: info.capabilities,
    dress: envelope.dress,
    refused: (error) => new SupervisorError(mcpFailure(server, error, mask)),
  })
  const { subscribe, unsubscribe, listWatch } = listening

  /** Requests of earlier revisions that this one has another way for. */
  const otherwise: Readonly<Record<string, (params: Body, options: RequestOptions) => Promise<unknown>>> = {
    ping: (_, options) => requests.request('server/discover', {}, options),
    'logging/setLevel': async ({ level }) => envelope.setLogLevel(String(level)),
    'resources/subscribe': ({ uri }, { cancellation }) =>
      interruptions.guard(cancellation, () => subscribe(String(uri))),
    'resources/unsubscribe': ({ uri }, { cancellation }) =>
      interruptions.guard(cancellation, () => unsubscribe(String(uri))),
  }

  return {
    info,
    listWatch,
    readTool: envelope.readTool,
    request(method, params, options) {
      const other = otherwise[method]
      if (other) return other(params, options).then(() => ({}))
      const send = (body: Body) => requests.request(method, body, options)
      return throughRounds({ server, clock, method, params, options, interruptions, send })
    },
  }
}

const discovered = z.looseObject({
  supportedVersions: z.array(z.string()),
  capabilities: z.record(z.string(), z.unknown()),
  serverInfo: z.unknown().optional(),
  instructions: z.string().optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
})
const implementation = z.looseObject({ name: z.string(), version: z.string() })

async function discover(requests: Requests, host: SessionHost): Promise<SessionInfo> {
  const read = discovered.safeParse(await askToDiscover(requests))
  if (!read.success) throw handshakeFailed(host, z.prettifyError(read.error).replaceAll('\n', ' '))
  const { supportedVersions, capabilities, instructions, serverInfo, _meta: meta } = read.data
  if (!supportedVersions.includes(modernRevision)) {
    throw handshakeFailed(
      host,
      `it speaks ${supportedVersions.join(', ') || 'no revision'}, expected ${modernRevision}`,
    )
  }
  const told = implementation.safeParse(meta?.['io.modelcontextprotocol/serverInfo'] ?? serverInfo)
  return {
    protocolVersion: modernRevision,
    serverInfo: told.success ? told.data : { name: host.server, version: '' },
    capabilities,
    ...(instructions !== undefined && { instructions }),
  }
}

/** Asks once more when the server refuses our revision and names it among those it supports all the same. */
async function askToDiscover(requests: Requests): Promise<Body> {
  const ask = () => requests.request('server/discover', {}, { cancellation: createCancellation() })
  try {
    return await ask().catch((error: unknown) => {
      if (error instanceof SupervisorError && supports(error)) return ask()
      throw error
    })
  } catch (error) {
    if (!(error instanceof SupervisorError) || error.code !== 'MCP_ERROR') throw error
    throw new SupervisorError({ ...asFailure(error), code: 'HANDSHAKE_FAILED', phase: 'handshake' })
  }
}

function supports({ mcp }: SupervisorError): boolean {
  const { supported } = (mcp?.data ?? {}) as { supported?: unknown }
  return mcp?.code === unsupportedVersion && Array.isArray(supported) && supported.includes(modernRevision)
}
