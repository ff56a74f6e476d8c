import type { Clock } from '../../src/clock.js'

interface Timer {
  readonly at: number
  readonly fn: () => void
}

export interface SimClock extends Clock {
  /** Goes to the next timer that is due by `end` and fires it; false, and the time is `end`, when there is none. */
  fireNext(end: number): boolean
  /** Timers that are set and not yet due. */
  readonly pending: number
}

/** Time that passes one timer after the other, so that promises can settle between two of them. */
export function createSimClock(start = 1_000_000): SimClock {
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

  return {
    now: () => now,
    setTimeout: setTimer,
    setHeldTimeout: setTimer,
    clearTimeout(timer) {
      const index = timers.indexOf(timer as Timer)
      if (index >= 0) timers.splice(index, 1)
    },
    fireNext(end) {
      const [next] = timers
      if (!next || next.at > end) {
        now = end
        return false
      }
      timers.shift()
      now = next.at
      next.fn()
      return true
    },
    get pending() {
      return timers.length
    },
  }
}

/** The same clock for one user of it, whose own timers are counted. */
export function countTimers(clock: Clock): { clock: Clock; readonly pending: number } {
  const mine = new Set<unknown>()
  const setTimer = (fn: () => void, ms: number) => {
    const timer = clock.setTimeout(() => {
      mine.delete(timer)
      fn()
    }, ms)
    mine.add(timer)
    return timer
  }
  return {
    clock: {
      now: clock.now,
      setTimeout: setTimer,
      setHeldTimeout: setTimer,
      clearTimeout(timer) {
        mine.delete(timer)
        clock.clearTimeout(timer)
      },
    },
    get pending() {
      return mine.size
    },
  }
}
