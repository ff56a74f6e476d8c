import type { Clock } from '../../clock.js'

/** A piece of work that many may ask for, and that is done once for all who ask within a window. */
export interface Coalesced {
  ask(): void
  /** Does nothing more; work under way goes on. */
  stop(): void
}

/** `run` begins `windowMs` after it was asked for and never beside itself: one is under way at most, and one waits. */
export function coalesce(run: () => Promise<void>, { clock, windowMs }: { clock: Clock; windowMs: number }): Coalesced {
  let stage: 'resting' | 'waiting' | 'running' | 'stopped' = 'resting'
  let isAskedAgain = false
  let timer: unknown

  async function begin(): Promise<void> {
    stage = 'running'
    isAskedAgain = false
    await run()
    if (stage !== 'running') return
    stage = 'resting'
    if (isAskedAgain) ask()
  }

  function ask(): void {
    if (stage === 'running') isAskedAgain = true
    if (stage !== 'resting') return
    stage = 'waiting'
    timer = clock.setTimeout(() => void begin(), windowMs)
  }

  return {
    ask,
    stop() {
      stage = 'stopped'
      clock.clearTimeout(timer)
    },
  }
}
