import type { CallTrace, ConnectionTrace, RequestTrace, Telemetry, TraceContext } from '../calls/telemetry.js'
import { harmless } from './harmless.js'

/** The telemetry of the host, made harmless: a request is written whatever happens in it. */
export function harmlessTelemetry(telemetry: Telemetry, failed: (error: unknown) => void): Telemetry {
  /** What the host made of each call, for it is handed back to the host. */
  const made = new WeakMap<CallTrace, CallTrace>()

  function attempted<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      failed(error)
      return undefined
    }
  }

  function requestTrace(own: RequestTrace): RequestTrace {
    return {
      carry(request, send) {
        let isSent = false
        const once = (context?: TraceContext) => {
          if (!isSent) send(context)
          isSent = true
        }
        attempted(() => own.carry(request, once))
        once()
      },
      settled: harmless((outcome) => own.settled(outcome), failed),
    }
  }

  function callTrace(own: CallTrace): CallTrace {
    const trace = { ...requestTrace(own), unsent: harmless(() => own.unsent(), failed) }
    made.set(trace, own)
    return trace
  }

  function connectionTrace(own: ConnectionTrace): ConnectionTrace {
    return {
      request: (method) => requestTrace(attempted(() => own.request(method)) ?? silent),
      opened: harmless((route) => own.opened(route), failed),
      up: harmless(() => own.up(), failed),
      ended: harmless((of) => own.ended(of), failed),
    }
  }

  return {
    call: (call) => callTrace(attempted(() => telemetry.call(call)) ?? silent),
    connection(attempt, waiting) {
      const own = attempted(() => telemetry.connection(attempt, waiting && made.get(waiting)))
      return own ? connectionTrace(own) : silentConnection
    },
  }
}

const nothing = () => {}
const silent: CallTrace = { carry: (_, send) => send(), unsent: nothing, settled: nothing }
const silentConnection: ConnectionTrace = { request: () => silent, opened: nothing, up: nothing, ended: nothing }
