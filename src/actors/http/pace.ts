import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** How fast the long bodies of one server are read, all of them together. */
export interface Pace {
  /** Waits until more may be read of a body that just gave so many bytes. @throws `AbortError` */
  next(bytes: number, signal: AbortSignal): Promise<unknown>
  /** A body went past its limit: from now on this server is read slowly. */
  exceeded(): void
  /** A long body ended within its limit: from now on this server is read as fast as it sends. */
  kept(): void
}

/** 16 MB a second: no less than a network gives. */
const slowBytesPerMs = 16 * 1024

/**
 * Others have a turn between two chunks. What a flood brings is garbage, and every server feels the collector's pauses:
 * one that went past a limit pays for its next floods with its own time.
 */
export function createPace(): Pace {
  let slow = false
  let readableAt = 0
  return {
    next(bytes, signal) {
      if (!slow) return nextTurn(undefined, { signal })
      const now = performance.now()
      readableAt = Math.max(readableAt, now) + bytes / slowBytesPerMs
      return sleep(readableAt - now, undefined, { signal, ref: false })
    },
    exceeded: () => (slow = true),
    kept: () => (slow = false),
  }
}
