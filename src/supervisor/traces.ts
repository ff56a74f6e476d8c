import type { Work } from '../calls/ledger.js'
import type { CallTrace, ConnectionTrace, Route, SessionTracing, Telemetry, TraceContext } from '../calls/telemetry.js'
import { checkTraceContext, passOn } from '../calls/trace-context.js'
import { nameOf } from '../calls/work-name.js'
import type { Endpoint } from '../config/entry.js'
import type { ServerStateName } from '../events.js'
import type { ServerContext } from '../machines/server.context.js'
import { type ServerIdentity, actorId } from '../messages.js'
import { harmlessTelemetry } from './harmless-telemetry.js'
import { about } from './notices.js'
import { routeOf } from './route.js'

/** Tells telemetry, where there is any, what becomes of calls and connections. */
export interface Traces {
  /** Of a call that is about to be booked; undefined when nobody wants to know. @throws `CONFIG_INVALID` */
  call(of: ServerIdentity, work: Work, told: ToldOfCall): CallTrace | undefined
  /** A server entered a state. */
  entered(state: ServerStateName, context: ServerContext): void
  /** A connection has a transport to that endpoint. */
  session(of: ServerIdentity, endpoint: Endpoint, transport: Transport, mask: (text: string) => string): SessionTracing
  /** Its handshake is done. */
  opened(of: ServerIdentity, protocolVersion: string): void
}

interface ToldOfCall {
  readonly resends?: number
  readonly traceContext?: TraceContext | undefined
}

interface Transport {
  readonly sessionId?: string | undefined
}

interface Live {
  readonly trace: ConnectionTrace
  route?: Route & { protocolVersion?: string | undefined }
}

export interface TracesPorts {
  readonly telemetry: Telemetry | undefined
  readonly traceOf: (callId: number) => CallTrace | undefined
  readonly failed: (error: unknown) => void
}

export function createTraces({ telemetry: given, traceOf, failed }: TracesPorts): Traces {
  const telemetry = given && harmlessTelemetry(given, failed)
  const connections = new Map<string, Live>()

  function begin(context: ServerContext): void {
    const { queue, attempt, generation, entry } = context
    const waiting = queue.map(traceOf).find((trace) => trace !== undefined)
    const told = { ...about(context), transport: entry.transport, attempt, generation }
    const trace = telemetry?.connection(told, waiting)
    if (trace) connections.set(actorId(context), { trace })
  }

  function end(state: ServerStateName, context: ServerContext): void {
    const live = connections.get(actorId(context))
    connections.delete(actorId(context))
    const isFailure = state === 'retrying' || state === 'failed' || state === 'timedOut'
    live?.trace.ended((isFailure && context.error) || undefined)
  }

  return {
    call(of, work, { resends = 0, traceContext }) {
      if (traceContext) checkTraceContext(traceContext)
      if (!telemetry) return traceContext && passOn(traceContext)
      return telemetry.call({ ...about(of), ...subjectOf(work), resends, ...(traceContext && { traceContext }) })
    },
    entered(state, context) {
      // What closes ends with the state after.
      if (!telemetry || state === 'closing') return
      if (state === 'ready') return connections.get(actorId(context))?.trace.up()
      end(state, context)
      if (state === 'connecting') begin(context)
    },
    session(of, endpoint, transport, mask) {
      const route = routeOf(endpoint, transport, mask)
      const live = connections.get(actorId(of))
      if (live) live.route = route
      return { route, request: (method) => live?.trace.request(method) }
    },
    opened(of, protocolVersion) {
      const live = connections.get(actorId(of))
      if (!live?.route) return
      live.route.protocolVersion = protocolVersion
      live.trace.opened(live.route)
    },
  }
}

/** What a call is about, never with what. */
function subjectOf(work: Work): { method: string; tool?: string; prompt?: string; uri?: string } {
  const named = nameOf(work)
  if (work.kind !== 'request') return named
  const { name, uri } = work.params
  return {
    ...named,
    ...(work.method === 'prompts/get' && { prompt: String(name) }),
    ...(typeof uri === 'string' && { uri: withoutSecrets(uri) }),
  }
}

/** A resource by its place: who asks, and how, may be secret. */
function withoutSecrets(uri: string): string {
  return uri.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, '')
}
