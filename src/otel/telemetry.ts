import { type Meter, type TextMapPropagator, type Tracer, context, metrics, trace } from '@opentelemetry/api'

import { type CallStart, type Telemetry, version } from '../index.js'
import { detailsOfCall, labelsOfCall } from './attributes.js'
import { createConnectionTrace } from './connection.js'
import { createInstruments } from './instruments.js'
import { type Operation, createOperation } from './operation.js'
import { createPropagation } from './propagation.js'

export interface TelemetryOptions {
  /** Default: the tracer `mcpvisor` of the global provider. */
  readonly tracer?: Tracer
  /** Default: the meter `mcpvisor` of the global provider as it is now, so register yours before. */
  readonly meter?: Meter
  /** Writes and reads trace context in `_meta`. Default: the global one, or W3C Trace Context where none is registered. */
  readonly propagator?: TextMapPropagator
}

/**
 * Traces and measures what a supervisor does, for its option `telemetry`, by the semantic conventions for MCP clients. A
 * call is a span within that of its caller; servers are told of it in `_meta`. No argument and no result is recorded.
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const {
    tracer = trace.getTracer('mcpvisor', version),
    meter = metrics.getMeter('mcpvisor', version),
    propagator,
  } = options
  const tools = { tracer, instruments: createInstruments(meter), propagation: createPropagation(propagator) }

  /** The caller as it was told, else what is active. */
  function parentOf({ traceContext }: CallStart) {
    const active = context.active()
    if (!traceContext) return { parent: active }
    const ambient = trace.getSpanContext(active)
    return { parent: tools.propagation.extract(active, traceContext), ...(ambient && { ambient }) }
  }

  return {
    call(call) {
      const { method, tool, prompt } = call
      return createOperation(tools, {
        method,
        target: tool ?? prompt,
        labels: labelsOfCall(call),
        details: detailsOfCall(call),
        isCall: true,
        ...parentOf(call),
      })
    },
    // What waits is what `call` has made.
    connection: (attempt, waiting) =>
      createConnectionTrace(tools, attempt, (waiting as Operation | undefined)?.context()),
  }
}
