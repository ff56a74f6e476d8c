import { asFailure, SupervisorError } from '../../errors.js'
import type { HttpForm, HttpLink } from './form.js'
import { createSse } from './sse.js'
import { createStreamable } from './streamable.js'

/** JSON-RPC errors by which a server of revision 2026-07-28 or later refuses what it understood, or does not know. */
const modernErrors = new Set([-32020, -32021, -32022, -32601])

/**
 * Streamable HTTP, and the older HTTP+SSE on the same URL when `initialize` is refused by a status that a server of
 * that form answers a POST with (2025-11-25, transports: backwards compatibility).
 */
export function createAuto(link: HttpLink): HttpForm {
  let form = createStreamable(link)
  return {
    async post(message, text, signal, headers) {
      if (message.method !== 'initialize') return form.post(message, text, signal, headers)
      try {
        return await form.post(message, text, signal)
      } catch (error) {
        if (!(error instanceof SupervisorError) || !mayBeOlder(error)) throw error
        const older = createSse(link)
        await older.post(message, text, signal).catch((again: unknown) => {
          throw refusedTwice(error, again)
        })
        form = older
      }
    },
    endSession: (signal) => form.endSession(signal),
    close: () => form.close(),
  }
}

/** 401, 403, 408 and 429 have codes of their own. */
function mayBeOlder({ code, httpStatus = 0, mcp }: SupervisorError): boolean {
  return code === 'HANDSHAKE_FAILED' && httpStatus >= 400 && httpStatus < 500 && !modernErrors.has(mcp?.code ?? 0)
}

function refusedTwice(first: SupervisorError, second: unknown): unknown {
  if (!(second instanceof SupervisorError)) return second
  const cause = asFailure(second)
  return new SupervisorError(
    { ...asFailure(first), message: `${first.message}; as HTTP+SSE: ${cause.message}`, cause },
    second,
  )
}
