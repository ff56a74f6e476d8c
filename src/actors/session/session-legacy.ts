// A part of the SDK that cannot be loaded once a host has frozen the prototype of all objects; the rest can.
import 'zod/v3'
import type { RequestTrace } from '../../calls/telemetry.js'
import { type SupervisorError, asFailure } from '../../errors.js'
import type { CallInFlight } from './call-in-flight.js'
import type { SdkEnd } from './initialize.js'
import { type Interruptions, createInterruptions } from './interruptions.js'
import { type Inquiries, createInquiries } from './inquiries.js'
import { type Visits, createVisits } from './visits.js'
import { type Requests, createRequests } from './requests.js'
import type { OpenSession, SessionHost, SessionInfo } from './session.js'
import { type Tasks, createTasks } from './tasks.js'
import type { Message, Transport } from '../transport.js'

/** Sessions of the revisions with `initialize`, 2024-11-05 to 2025-11-25. */
export const openLegacySession: OpenSession = async (transport, host) => {
  const { server, clock, mask, handlers = {}, tracing } = host
  let info: SessionInfo | undefined
  const requests = createRequests({ server, transport, clock, mask, settled: (id) => inquiries.settled(id), tracing })
  const interruptions = createInterruptions(server)
  const tasks = createTasks({ ...host, requests, interruptions, capabilities: () => info?.capabilities })
  const inquiries = createInquiries({ server, transport, handlers, callers: tasks.callers })
  const visits = createVisits({ clock, requests: tasks, interruptions })
  const trace = tracing?.request('initialize')
  const shared = shareTransport(transport, { requests, tasks, inquiries, interruptions, visits, trace }, host)
  try {
    // The SDK is large: the first server starts while it is loaded.
    const [{ initialize }] = await Promise.all([import('./initialize.js'), transport.start()])
    const told = await initialize(shared.forSdk, host)
    info = { protocolVersion: shared.protocolVersion(), ...told }
    trace?.settled({})
  } catch (error) {
    trace?.settled({ failure: asFailure(error as SupervisorError) })
    throw error
  }
  return { info, request: visits.request }
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
  const forSdk: SdkEnd = {
    start: async () => undefined,
    // The SDK closes what it could not open. The transport is not its own: another era may be spoken on it.
    close: async () => undefined,
    send: (message: Message) => (message.method === 'initialize' ? introduce(message) : transport.send(message)),
    setProtocolVersion(version: string) {
      protocolVersion = version
      transport.setProtocolVersion?.(version)
    },
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
  transport.onerror = (error) => host.violated(error.message)
  return { forSdk, protocolVersion: () => protocolVersion }
}

/** Answers a request that no handler is for: a sign of life, or that it is not served. */
function answer(transport: Transport, id: string | number, method: string): void {
  const body =
    method === 'ping' ? { result: {} } : { error: { code: -32601, message: `The client does not support ${method}` } }
  transport.send({ jsonrpc: '2.0', id, ...body }).catch((error: Error) => transport.onerror?.(error))
}
