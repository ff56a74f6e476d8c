import { SupervisorError, type Failure } from '../../errors.js'

/** Exchanges under way, each with an abort controller of its own: no listener ever gathers on a shared signal. */
export interface Exchanges {
  /** Runs one under a key; settles as it does. */
  run(key: PropertyKey, exchange: (signal: AbortSignal) => Promise<void>): Promise<void>
  /**
   * Aborts one, if it is under way, after so many milliseconds; what it waits for rejects with `reason`. The timer does
   * not hold the process: the socket of the exchange does.
   */
  abort(key: PropertyKey, reason: Failure, afterMs?: number): void
  abortAll(reason: Failure): void
}

interface Exchange {
  readonly controller: AbortController
  timer?: NodeJS.Timeout
}

export function createExchanges(): Exchanges {
  const open = new Map<PropertyKey, Exchange>()
  return {
    async run(key, exchange) {
      const entry: Exchange = { controller: new AbortController() }
      open.set(key, entry)
      try {
        await exchange(entry.controller.signal)
      } finally {
        clearTimeout(entry.timer)
        open.delete(key)
      }
    },
    abort(key, reason, afterMs = 0) {
      const entry = open.get(key)
      if (!entry) return
      clearTimeout(entry.timer)
      const { controller } = entry
      if (afterMs === 0) controller.abort(new SupervisorError(reason))
      else entry.timer = setTimeout(() => controller.abort(new SupervisorError(reason)), afterMs).unref()
    },
    abortAll(reason) {
      const error = new SupervisorError(reason)
      for (const { controller } of open.values()) controller.abort(error)
    },
  }
}
