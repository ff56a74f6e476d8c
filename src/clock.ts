/** Time, injected once at the root. Milliseconds everywhere. */
export interface Clock {
  /** Epoch milliseconds that never jump: the monotonic clock, anchored at the start of the process. */
  now(): number
  /** A timer that does not keep the process alive. */
  setTimeout(fn: () => void, ms: number): unknown
  /** A timer somebody awaits: it keeps the process alive. */
  setHeldTimeout(fn: () => void, ms: number): unknown
  clearTimeout(id: unknown): void
}

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms).unref(),
  setHeldTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
}
