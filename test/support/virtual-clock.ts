import type { Clock } from '../../src/clock.js'

interface Timer {
  readonly at: number
  readonly fn: () => void
}

export interface VirtualClock extends Clock {
  /** Lets time pass, timer by timer: each sees the time it was set for. */
  advance(ms: number): void
  /** Goes to the next timer that is due by `end` and fires it; false, and the time is `end`, when there is none. */
  fireNext(end: number): boolean
  /** Timers that are set and not yet due. */
  readonly pending: number
}

/** Time that passes only when told: at a stretch, or one timer after the other, so that promises settle between two. */
export function createVirtualClock(start = 1_000_000): VirtualClock {
  let now = start
  /** In the order in which they fire. */
  const timers: Timer[] = []

  function setTimer(fn: () => void, ms: number): Timer {
    const timer = { at: now + Math.max(0, ms), fn }
    let index = timers.length
    while (index > 0 && (timers[index - 1]?.at ?? 0) > timer.at) index--
    timers.splice(index, 0, timer)
    return timer
  }

  function fireNext(end: number): boolean {
    const [next] = timers
    if (!next || next.at > end) {
      now = Math.max(now, end)
      return false
    }
    timers.shift()
    now = Math.max(now, next.at)
    next.fn()
    return true
  }

  return {
    now: () => now,
    setTimeout: setTimer,
    setHeldTimeout: setTimer,
    clearTimeout(timer) {
      const index = timers.indexOf(timer as Timer)
      if (index >= 0) timers.splice(index, 1)
    },
    fireNext,
    advance(ms) {
      const end = now + ms
      while (fireNext(end));
    },
    get pending() {
      return timers.length
    },
  }
}
