import { SupervisorError, failure } from '../errors.js'
import type { CallTrace, RequestTrace, TraceContext } from './telemetry.js'

/** Version, trace, parent and flags in small hexadecimal digits; later versions may say more (W3C Trace Context). */
const lawfulTraceparent = /^(?=.{1,256}$)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[ -~]*)?$/
/** Visible ASCII; the length is our bound, since every server gets it. */
const lawfulList = /^[ -~]{1,8192}$/

/**
 * The trace that a request belongs to which came with this `_meta`, for a call on its behalf: `{ traceContext }`. What is
 * unlawful in it is left out, a `tracestate` also without its `traceparent`; `{}` when nothing is left.
 */
export function traceContextOf(meta: Readonly<Record<string, unknown>> = {}): { readonly traceContext?: TraceContext } {
  const { traceparent, tracestate, baggage } = meta
  const isIn = (form: RegExp, text: unknown): text is string => typeof text === 'string' && form.test(text)
  const traceContext: TraceContext = {
    ...(isIn(lawfulTraceparent, traceparent) && { traceparent, ...(isIn(lawfulList, tracestate) && { tracestate }) }),
    ...(isIn(lawfulList, baggage) && { baggage }),
  }
  return Object.keys(traceContext).length === 0 ? {} : { traceContext }
}

/** @throws `CONFIG_INVALID` for what no server could read */
export function checkTraceContext(context: TraceContext): void {
  const { traceparent } = context
  if (traceparent !== undefined && !lawfulTraceparent.test(traceparent))
    throw wrong('traceparent', 'as W3C Trace Context has it', traceparent)
  for (const key of ['tracestate', 'baggage'] as const)
    if (context[key] !== undefined && typeof context[key] !== 'string') throw wrong(key, 'a string', context[key])
}

function wrong(key: keyof TraceContext, expected: string, value: unknown): SupervisorError {
  const message = `"traceContext.${key}" must be ${expected}, got ${String(JSON.stringify(value)).slice(0, 80)}`
  return new SupervisorError(failure('CONFIG_INVALID', message, { phase: 'call' }))
}

/** Where nobody traces, the trace of a caller is passed on as it came. */
export function passOn(context: TraceContext): CallTrace {
  return { carry: (_, send) => send(context), unsent: () => {}, settled: () => {} }
}

/** For requests that are not worth a trace. */
export const untraced: RequestTrace = { carry: (_, send) => send(), settled: () => {} }
