import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { McpError } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'

import { capabilitiesOf } from '../../calls/handlers.js'
import { longestDelayMs } from '../../config/defaults.js'
import type { RequestTrace } from '../../calls/telemetry.js'
import { type Failure, SupervisorError, asFailure, messageOf } from '../../errors.js'
import type { CallInFlight } from './call-in-flight.js'
import { handshakeFailed } from './handshake-failed.js'
import { type Interruptions, createInterruptions } from './interruptions.js'
import { type Inquiries, createInquiries } from './inquiries.js'
import { type Visits, createVisits } from './visits.js'
import { type Requests, createRequests } from './requests.js'
import type { OpenSession, SessionHost } from './session.js'
import { type Tasks, createTasks } from './tasks.js'
import type { Message, Transport } from '../transport.js'

/**
 * Sessions of the revisions with `initialize`, 2024-11-05 to 2025-11-25, on `@modelcontextprotocol/sdk`: it does the
 * handshake. Nothing outside this file knows that SDK.
 */
export const openLegacySession: OpenSession = async (transport, host) => {
  const { server, clock, mask, handlers = {}, tracing } = host
  const client = new Client(host.clientInfo, { capabilities: capabilitiesOf(handlers) })
  client.onerror = (error) => host.violated(error.message)
  const requests = createRequests({ server, transport, clock, mask, settled: (id) => inquiries.settled(id), tracing })
  const interruptions = createInterruptions(server)
  const tasks = createTasks({ ...host, requests, interruptions, capabilities: () => client.getServerCapabilities() })
  const inquiries = createInquiries({ server, transport, handlers, callers: tasks.callers })
  const visits = createVisits({ clock, requests: tasks, interruptions })
  const trace = tracing?.request('initialize')
  const shared = shareTransport(transport, { requests, tasks, inquiries, interruptions, visits, trace }, host)
  try {
    await client.connect(shared.forSdk, { timeout: longestDelayMs })
    trace?.settled({})
  } catch (caught) {
    const error = handshakeError(caught, host)
    trace?.settled({ failure: asFailure(error) })
    throw error
  }
  const instructions = client.getInstructions()
  return {
    info: {
      protocolVersion: shared.protocolVersion(),
      serverInfo: client.getServerVersion() ?? { name: host.server, version: '' },
      capabilities: client.getServerCapabilities() ?? {},
      ...(instructions !== undefined && { instructions }),
    },
    request: visits.request,
  }
}

interface Parts {
  readonly requests: Requests
  readonly tasks: Tasks
  readonly inquiries: Inquiries
  readonly interruptions: Interruptions
  readonly visits: Visits
  /** Of the handshake. */
  readonly trace: RequestTrace | undefined
}

/**
 * One transport for two: the SDK gets the answer to its `initialize` and nothing else. Its checks are so dear that a flood
 * of requests or notifications would cost every neighbour.
 */
function shareTransport(transport: Transport, parts: Parts, host: SessionHost) {
  const { requests, tasks, inquiries, interruptions, visits, trace } = parts
  let protocolVersion = ''
  const forSdk = {
    start: () => transport.start(),
    // The SDK closes what it could not open. The transport is not its own: another era may be spoken on it.
    close: async () => undefined,
    send: (message: Message) => (message.method === 'initialize' ? introduce(message) : transport.send(message)),
    setProtocolVersion(version: string) {
      protocolVersion = version
      transport.setProtocolVersion?.(version)
    },
    onmessage: undefined as ((message: Message) => void) | undefined,
    onclose: undefined as (() => void) | undefined,
    onerror: undefined as ((error: Error) => void) | undefined,
  }
  function introduce(message: Message): Promise<void> {
    const { tracing } = host
    if (!trace || !tracing) return transport.send(message)
    let sent = Promise.resolve()
    trace.carry({ id: Number(message.id), route: tracing.route }, (context) => {
      sent = transport.send(context ? { ...message, params: { ...message.params, _meta: context } } : message)
    })
    return sent
  }
  transport.onmessage = (message, relatedTo) => {
    if (requests.take(message) || inquiries.take(message, relatedTo)) return
    const { id, method, params } = message
    if (method === 'notifications/elicitation/complete') visits.completed(params?.['elicitationId'])
    if (method === undefined) forSdk.onmessage?.(message)
    else if (id !== undefined) answer(transport, id, method)
    else if (method === 'notifications/progress') host.violated('progress of a request that nobody waits for')
    else if (method === 'notifications/tasks/status') tasks.told(params ?? {})
    // Of a request that nobody works on any more.
    else if (method !== 'notifications/cancelled') pass(method, params, tasks.callers(relatedTo, params))
  }
  /** What belongs to a task that is over is not told: nobody is left that it is meant for. */
  function pass(method: string, params: Message['params'], during: readonly CallInFlight[] | undefined): void {
    if (during) host.notified(method, params ?? {}, during)
  }
  transport.onclose = () => {
    inquiries.stop()
    interruptions.end()
    forSdk.onclose?.()
  }
  transport.onerror = (error) => forSdk.onerror?.(error)
  return { forSdk: forSdk as unknown as SdkTransport, protocolVersion: () => protocolVersion }
}

/** Answers a request that no handler is for: a sign of life, or that it is not served. */
function answer(transport: Transport, id: string | number, method: string): void {
  const body =
    method === 'ping' ? { result: {} } : { error: { code: -32601, message: `The client does not support ${method}` } }
  transport.send({ jsonrpc: '2.0', id, ...body }).catch((error: Error) => transport.onerror?.(error))
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
