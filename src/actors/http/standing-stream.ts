import { setTimeout as sleep } from 'node:timers/promises'
import { SupervisorError } from '../../errors.js'
import { readEvents } from './event-stream.js'
import { receiveEvent } from './receive-event.js'
import type { HttpLink } from './form.js'
import type { HttpAnswer } from './answer.js'

export interface StandingStream {
  /** Opens it; does nothing when it is open, or was refused for good. */
  open(): void
  close(): void
}

/** A stream that stood for so long was in order: its end starts the back-off from the beginning. */
const stableAfterMs = 10_000

/**
 * The GET stream on which the server sends what answers no request: `list_changed`, pings, requests of its own.
 *
 * Optional for the server, so neither its refusal nor its end says anything of the connection. It is opened again, ever
 * more slowly, until it is closed or refused by a status that waiting does not change.
 */
export function createStandingStream(
  link: HttpLink,
  openStream: (lastEventId: string | undefined, signal: AbortSignal) => Promise<HttpAnswer>,
): StandingStream {
  const closing = new AbortController()
  const { signal } = closing
  let opened = false
  let lastEventId: string | undefined
  let retryMs = 0

  const listener = {
    event: receiveEvent(link),
    id: (id: string) => (lastEventId = id),
    retry: (ms: number) => (retryMs = Math.min(ms, 60_000)),
  }

  async function stand(): Promise<void> {
    for (let short = 1; ; short++) {
      const since = performance.now()
      try {
        await readEvents(await openStream(lastEventId, signal), link.limits.messageBytes, listener)
      } catch (error) {
        if (!(error instanceof SupervisorError) || signal.aborted) return
        if (error.code === 'RESPONSE_INVALID') link.violation('invalid-frame', error.message)
        if (!error.retryable || error.httpStatus === 404) return
        retryMs = Math.max(retryMs, error.retryAfterMs ?? 0)
      }
      if (signal.aborted) return
      if (performance.now() - since > stableAfterMs) short = 1
      await sleep(Math.max(backoffMs(short), retryMs), null, { signal, ref: false })
    }
  }

  return {
    open() {
      if (opened) return
      opened = true
      // Rejects only by the abort of its last wait.
      stand().catch(() => {})
    },
    close: () => closing.abort(),
  }
}

/** 1, 2, 4 … 60 seconds for the n-th stream in a row that did not last, less up to a quarter by chance. */
function backoffMs(n: number): number {
  return Math.min(1_000 * 2 ** (n - 1), 60_000) * (1 - Math.random() / 4)
}
