import type { Clock } from '../clock.js'

/** A timer that fires so late was held up with the whole process: the host was suspended, or blocked its event loop. */
const lateMs = 50
/** Several turns of the event loop. */
const graceMs = 25

interface Timer {
  id: unknown
}

/**
 * A clock whose late timers wait once more, a little: what lay in the pipes while the host was suspended or blocked is
 * heard before any deadline that passed meanwhile.
 */
export function createPatientClock(clock: Clock): Clock {
  function set(kind: 'setTimeout' | 'setHeldTimeout', fn: () => void, ms: number): Timer {
    const due = clock.now() + ms
    const expire = () => {
      if (clock.now() - due <= lateMs) fn()
      else timer.id = clock[kind](fn, graceMs)
    }
    const timer: Timer = { id: clock[kind](expire, ms) }
    return timer
  }

  return {
    now: () => clock.now(),
    setTimeout: (fn, ms) => set('setTimeout', fn, ms),
    setHeldTimeout: (fn, ms) => set('setHeldTimeout', fn, ms),
    clearTimeout: (timer) => clock.clearTimeout((timer as Timer | undefined)?.id),
  }
}
