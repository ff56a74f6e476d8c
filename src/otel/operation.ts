import {
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  context,
  trace,
} from '@opentelemetry/api'

import type { CallTrace, Outcome, Route } from '../index.js'
import { attributesOfError, attributesOfRoute } from './attributes.js'
import type { Instruments } from './instruments.js'
import type { Propagation } from './propagation.js'
import { now, seconds } from './time.js'

/** What everything is traced and measured with. */
export interface Tools {
  readonly tracer: Tracer
  readonly instruments: Instruments
  readonly propagation: Propagation
}

export interface OperationStart {
  readonly method: string
  /** The tool or prompt that it is about. */
  readonly target?: string | undefined
  /** What it is measured by, and its span says too. */
  readonly labels: Attributes
  /** What its span says beside. */
  readonly details?: Attributes
  readonly parent: Context
  /** A span that was active while the parent was told otherwise. */
  readonly ambient?: SpanContext
  /** It may wait before it is sent, and be answered from memory. */
  readonly isCall: boolean
}

/** One span of kind CLIENT: a call of a host, or a request of our own. */
export interface Operation extends CallTrace {
  /** What happens for the sake of it is traced below this. */
  context(): Context
}

/** The span begins with the call, and is made when there is something to tell: memory answers without one. */
export function createOperation(tools: Tools, start: OperationStart): Operation {
  const { tracer, instruments, propagation } = tools
  const { method, target, labels, details, parent, ambient, isCall } = start
  const startedAt = now()
  let span: Span | undefined
  let within = parent
  let sentAt: number | undefined
  let route: Route | undefined

  function open(): Span {
    if (span) return span
    const name = target === undefined ? method : `${method} ${target}`
    const attributes = { ...labels, ...details }
    const links = ambient ? [{ context: ambient }] : []
    span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: startedAt, attributes, links }, parent)
    within = trace.setSpan(parent, span)
    return span
  }

  function measure(endedAt: number, way: Attributes, error: Attributes): void {
    if (sentAt !== undefined)
      instruments.operation.record(seconds(sentAt, endedAt), { ...labels, ...way, ...error }, within)
    if (!isCall) return
    const waited = sentAt === undefined ? { ...labels, ...error } : labels
    instruments.queue.record(seconds(startedAt, sentAt ?? endedAt), waited, within)
  }

  function settled(outcome: Outcome): void {
    const { failure } = outcome
    if (method === 'connect' || (!span && !failure)) return
    const [own, endedAt, error] = [open(), now(), attributesOfError(outcome)]
    const way = route ? attributesOfRoute(route) : {}
    own.setAttributes(way)
    if (route?.sessionId !== undefined) own.setAttribute('mcp.session.id', route.sessionId)
    own.setAttributes(error)
    own.setAttribute('mcpvisor.delivered', failure?.delivered ?? 'yes')
    if (isCall) own.setAttribute('mcpvisor.queue.duration', seconds(startedAt, sentAt ?? endedAt))
    if ('error.type' in error)
      own.setStatus({ code: SpanStatusCode.ERROR, ...(failure && { message: failure.message }) })
    own.end(endedAt)
    measure(endedAt, way, error)
  }

  return {
    context() {
      if (method !== 'connect') open()
      return within
    },
    carry(request, send) {
      const [own, id] = [open(), String(request.id)]
      sentAt ??= now()
      route = request.route
      own.setAttribute('jsonrpc.request.id', id)
      if (isCall) own.addEvent('mcpvisor.sent', { 'jsonrpc.request.id': id })
      context.with(within, () => send(propagation.inject(within)))
    },
    unsent() {
      sentAt = undefined
      span?.addEvent('mcpvisor.unsent')
    },
    settled,
  }
}
