import type { CallTrace, ConnectionTrace, RequestTrace, Telemetry, TraceContext } from '../calls/telemetry.js'
import { harmless, onlyFirst } from './harmless.js'

/** A trace that the host has made of a call, which is handed back to it later. */
interface HarmlessCallTrace extends CallTrace {
  readonly own: CallTrace
}

/** The telemetry of the host, made harmless: a request is written whatever happens in it. */
export function harmlessTelemetry(telemetry: Telemetry, tell: (error: unknown) => void): Telemetry {
  const failed = onlyFirst(tell)

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
        let thrown: { readonly error: unknown } | undefined
        const once = (context?: TraceContext) => {
          if (isSent) return
          isSent = true
          try {
            send(context)
          } catch (error) {
            thrown = { error }
          }
        }
        attempted(() => own.carry(request, once))
        once()
        // What cannot be written is the caller's affair, not that of telemetry.
        if (thrown) throw thrown.error
      },
      settled: harmless((outcome) => own.settled(outcome), failed),
    }
  }

  function callTrace(own: CallTrace): HarmlessCallTrace {
    return { ...requestTrace(own), unsent: harmless(() => own.unsent(), failed), own }
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
      const own = attempted(() => telemetry.connection(attempt, (waiting as HarmlessCallTrace | undefined)?.own))
      return own ? connectionTrace(own) : silentConnection
    },
  }
}

const nothing = () => {}
const silent: CallTrace = { carry: (_, send) => send(), unsent: nothing, settled: nothing }
const silentConnection: ConnectionTrace = { request: () => silent, opened: nothing, up: nothing, ended: nothing }
