import {
  type Context,
  type TextMapPropagator,
  TraceFlags,
  createContextKey,
  createTraceState,
  defaultTextMapGetter,
  defaultTextMapSetter,
  isSpanContextValid,
  propagation as global,
  trace,
} from '@opentelemetry/api'

import type { TraceContext } from '../index.js'

/** Trace context as `_meta` carries it: the three keys that need no prefix there (SEP-414), whatever a propagator writes. */
export interface Propagation {
  inject(of: Context): TraceContext | undefined
  extract(into: Context, from: TraceContext): Context
}

export function createPropagation(given?: TextMapPropagator): Propagation {
  /** Looked up each time: an SDK may be registered late. */
  const current = () => given ?? (global.fields().length > 0 ? global : plain)
  return {
    inject(of) {
      const carrier: Record<string, unknown> = {}
      current().inject(of, carrier, defaultTextMapSetter)
      const kept = Object.entries(carrier).filter(([key, value]) => keys.includes(key) && typeof value === 'string')
      return kept.length === 0 ? undefined : Object.fromEntries(kept)
    },
    extract: (into, from) => current().extract(into, from, defaultTextMapGetter),
  }
}

const keys: readonly string[] = ['traceparent', 'tracestate', 'baggage']

const foreignBaggage = createContextKey('mcpvisor.baggage')

/** W3C Trace Context, for a host that registered no propagator; baggage is passed on as it came. */
const plain: Pick<TextMapPropagator, 'inject' | 'extract'> = {
  inject(of, carrier: Record<string, unknown>) {
    carrier['baggage'] = of.getValue(foreignBaggage)
    const span = trace.getSpanContext(of)
    if (!span || !isSpanContextValid(span)) return
    const { traceId, spanId, traceFlags, traceState } = span
    carrier['traceparent'] = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
    const state = traceState?.serialize()
    if (state) carrier['tracestate'] = state
  },
  extract(given, { traceparent = '', tracestate, baggage }: TraceContext) {
    const into = baggage === undefined ? given : given.setValue(foreignBaggage, baggage)
    const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
    const isSampled = (Number.parseInt(flags, 16) & TraceFlags.SAMPLED) !== 0
    const span = {
      traceId,
      spanId,
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      isRemote: true,
      ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
    }
    return isSpanContextValid(span) ? trace.setSpanContext(into, span) : into
  },
}
