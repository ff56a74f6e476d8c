import { onAbort } from '../../calls/on-abort.js'
import type { Clock } from '../../clock.js'
import { longestDelayMs } from '../../config/defaults.js'

export interface Pause {
  /** Resolves after its time, when it is ended before, or when its signal aborts. */
  readonly over: Promise<void>
  end(): void
}

/** Nothing of it is left once it is over: no timer, no listener. */
export function startPause(clock: Clock, ms: number, signal: AbortSignal): Pause {
  let end = () => {}
  const over = new Promise<void>((resolve) => {
    const timer = clock.setTimeout(() => end(), Math.min(ms, longestDelayMs))
    const ignoreSignal = onAbort(signal, () => end())
    end = () => {
      clock.clearTimeout(timer)
      ignoreSignal()
      resolve()
    }
  })
  if (signal.aborted) end()
  return { over, end: () => end() }
}
