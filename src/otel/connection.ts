import { type Attributes, type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

import type { AttemptStart, ConnectionTrace, Failure, Route } from '../index.js'
import {
  attributesOfAttempt,
  attributesOfError,
  attributesOfExit,
  attributesOfRoute,
  labelsOfServer,
} from './attributes.js'
import { type Tools, createOperation } from './operation.js'
import { now, seconds } from './time.js'

/** A span for the attempt to connect, below the call that has waited longest for it; the session after it is measured. */
export function createConnectionTrace(
  tools: Tools,
  attempt: AttemptStart,
  parent: Context = ROOT_CONTEXT,
): ConnectionTrace {
  const { tracer, instruments } = tools
  const server = labelsOfServer(attempt.server)
  const startedAt = now()
  const span = tracer.startSpan(
    `connect ${attempt.server}`,
    { kind: SpanKind.INTERNAL, startTime: startedAt, attributes: attributesOfAttempt(attempt) },
    parent,
  )
  const within = trace.setSpan(parent, span)
  let isOver = false
  let opened: { readonly at: number; readonly route: Route } | undefined

  function finish(error: Attributes): void {
    const endedAt = now()
    isOver = true
    if (opened) span.setAttributes(attributesOfRoute(opened.route))
    span.end(endedAt)
    instruments.connect.record(seconds(startedAt, endedAt), { ...server, ...error }, within)
  }

  function fail(of: Failure): void {
    const error = attributesOfError({ failure: of })
    span.setAttributes({ ...error, ...attributesOfExit(of) })
    span.setStatus({ code: SpanStatusCode.ERROR, message: of.message })
    finish(error)
  }

  /** Nobody wanted it any longer. */
  function giveUp(): void {
    span.addEvent('mcpvisor.given_up')
    finish({})
  }

  return {
    request: (method) =>
      createOperation(tools, {
        method,
        labels: { ...server, 'mcp.method.name': method },
        // What is asked later is asked for nobody's sake.
        parent: isOver ? ROOT_CONTEXT : within,
        isCall: false,
      }),
    opened(route) {
      opened = { at: now(), route }
      instruments.sessions.add(1, server)
    },
    up: () => finish({}),
    ended(of) {
      if (!isOver && of) fail(of)
      else if (!isOver) giveUp()
      if (!opened) return
      const error = of ? attributesOfError({ failure: of }) : {}
      const labels = { ...server, ...attributesOfRoute(opened.route), ...error }
      instruments.session.record(seconds(opened.at, now()), labels, ROOT_CONTEXT)
      instruments.sessions.add(-1, server)
    },
  }
}
