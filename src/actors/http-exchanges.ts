/** Exchanges under way, each with an abort controller of its own: no listener ever gathers on a shared signal. */
export interface Exchanges {
  /** Runs one under a key; settles as it does. */
  run(key: PropertyKey, exchange: (signal: AbortSignal) => Promise<void>): Promise<void>
  /** Aborts one, if it is under way, after so many milliseconds; what it waits for rejects with `reason`. */
  abort(key: PropertyKey, reason: Error, afterMs?: number): void
  abortAll(reason: Error): void
}

export function createExchanges(): Exchanges {
  const open = new Map<PropertyKey, { readonly controller: AbortController; timer?: NodeJS.Timeout }>()
  return {
    async run(key, exchange) {
      const controller = new AbortController()
      const entry: { readonly controller: AbortController; timer?: NodeJS.Timeout } = { controller }
      open.set(key, entry)
      try {
        await exchange(controller.signal)
      } finally {
        clearTimeout(entry.timer)
        open.delete(key)
      }
    },
    abort(key, reason, afterMs = 0) {
      const entry = open.get(key)
      if (!entry) return
      clearTimeout(entry.timer)
      if (afterMs === 0) entry.controller.abort(reason)
      else entry.timer = setTimeout(() => entry.controller.abort(reason), afterMs).unref()
    },
    abortAll(reason) {
      for (const { controller } of open.values()) controller.abort(reason)
    },
  }
}
