import type { HttpAnswer } from './answer.js'
import { discard } from './body.js'

/** Tells a session that is gone from a request that was merely bad, for servers that answer both with 400. */
export interface SessionProbe {
  /** Asks the server, once for all who want to know at the same time. False when that cannot be told. */
  isGone(): Promise<boolean>
}

/** A server that lives answers a ping promptly (2025-11-25, ping). */
const timeoutMs = 5_000

/** The specification demands 404 of a server that does not know a session. */
const unknownSession = new Set([400, 404])

export function createSessionProbe(ping: (signal: AbortSignal) => Promise<HttpAnswer>): SessionProbe {
  let verdict: Promise<boolean> | undefined

  async function probe(): Promise<boolean> {
    try {
      const { status, body } = await ping(AbortSignal.timeout(timeoutMs))
      discard(body)
      return unknownSession.has(status)
    } catch {
      return false // Whatever keeps a ping from its answer says nothing of the session, and meets the next request too.
    }
  }

  return {
    async isGone() {
      verdict ??= probe()
      const isGone = await verdict
      // A session that stands now may be gone the next time; one that is gone stays so.
      if (!isGone) verdict = undefined
      return isGone
    },
  }
}
