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
  /** The same for the span and the measurements. */
  readonly attributes: Attributes
  readonly parent: Context
  /** A span that was active while the parent was told otherwise. */
  readonly ambient?: SpanContext
  /** It may wait before it is sent, and be answered from memory. */
  readonly isCall: boolean
}

/** One span of kind CLIENT: a call of a host, or a request of our own. */
export interface Operation {
  readonly trace: CallTrace
  /** What happens for the sake of it is traced below this. */
  context(): Context
}

/** The span begins with the call, and is made when there is something to tell: memory answers without one. */
export function createOperation(tools: Tools, start: OperationStart): Operation {
  const { tracer, instruments, propagation } = tools
  const { method, target, attributes, parent, ambient, isCall } = start
  const startedAt = now()
  let span: Span | undefined
  let within = parent
  let sentAt: number | undefined
  let route: Route | undefined

  function open(): Span {
    if (span) return span
    const name = target === undefined ? method : `${method} ${target}`
    const links = ambient ? [{ context: ambient }] : []
    span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: startedAt, attributes, links }, parent)
    within = trace.setSpan(parent, span)
    return span
  }

  function measure(endedAt: number, error: Attributes): void {
    const { 'mcp.resource.uri': _, 'mcpvisor.lease': __, ...labels } = attributes
    const measured = { ...labels, ...(route && attributesOfRoute(route)), ...error }
    if (sentAt !== undefined) instruments.operation.record(seconds(sentAt, endedAt), measured, within)
    if (!isCall) return
    const isGivenUp = sentAt === undefined
    instruments.queue.record(seconds(startedAt, sentAt ?? endedAt), { ...labels, ...(isGivenUp && error) }, within)
  }

  function settled(outcome: Outcome): void {
    const { failure } = outcome
    if (method === 'connect' || (!span && !failure)) return
    const [own, endedAt, error] = [open(), now(), attributesOfError(outcome)]
    own.setAttributes({ ...error, 'mcpvisor.delivered': failure?.delivered ?? 'yes' })
    if (route) own.setAttributes({ ...attributesOfRoute(route), ...sessionOf(route) })
    if (isCall) own.setAttribute('mcpvisor.queue.duration', seconds(startedAt, sentAt ?? endedAt))
    if ('error.type' in error)
      own.setStatus({ code: SpanStatusCode.ERROR, ...(failure && { message: failure.message }) })
    own.end(endedAt)
    measure(endedAt, error)
  }

  return {
    context() {
      if (method !== 'connect') open()
      return within
    },
    trace: {
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
    },
  }
}

function sessionOf({ sessionId }: Route): Attributes {
  return sessionId === undefined ? {} : { 'mcp.session.id': sessionId }
}
