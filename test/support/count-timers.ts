import type { Clock } from '../../src/clock.js'

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
