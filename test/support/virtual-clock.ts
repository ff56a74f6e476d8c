import type { Clock } from '../../src/clock.js'

interface Timer {
  readonly id: number
  readonly at: number
  readonly fn: () => void
}

export interface VirtualClock extends Clock {
  /** Lets time pass, timer by timer: each sees the time it was set for. */
  advance(ms: number): void
  /** Timers that are set and not yet due. */
  readonly pending: number
}

/** Time that passes only when told. */
export function createVirtualClock(start = 1_000_000): VirtualClock {
  let now = start
  let lastId = 0
  let timers: Timer[] = []

  const setTimer = (fn: () => void, ms: number) => {
    const timer = { id: ++lastId, at: now + Math.max(0, ms), fn }
    timers.push(timer)
    return timer.id
  }

  return {
    now: () => now,
    setTimeout: setTimer,
    setHeldTimeout: setTimer,
    clearTimeout: (id) => void (timers = timers.filter((timer) => timer.id !== id)),
    advance(ms) {
      const end = now + ms
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0]
        if (!due) break
        timers = timers.filter(({ id }) => id !== due.id)
        now = Math.max(now, due.at)
        due.fn()
      }
      now = end
    },
    get pending() {
      return timers.length
    },
  }
}
