import type { Clock } from '../../src/index.js'

export interface HurriedClock extends Clock {
  /** The delays that were asked for, in order. */
  readonly delays: readonly number[]
}

/** A clock on which time passes so many times faster, and which remembers the delays it was asked for. */
export function createHurriedClock(speed: number): HurriedClock {
  const delays: number[] = []
  const setTimer = (fn: () => void, ms: number) => {
    delays.push(ms)
    return setTimeout(fn, ms / speed)
  }
  return {
    delays,
    now: () => performance.now() * speed,
    setTimeout: setTimer,
    setHeldTimeout: setTimer,
    clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
  }
}
