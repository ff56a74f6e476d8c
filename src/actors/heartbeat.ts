import { type Cancellation, createCancellation } from '../calls/cancellation.js'
import type { Clock } from '../clock.js'

/** Pings in a row that may go unanswered: one is too easily late. */
const missesAllowed = 1

export interface HeartbeatOptions {
  /** Milliseconds between pings, and how long each may take. 0 = none are sent. */
  readonly intervalMs: number
  readonly clock: Clock
  readonly ping: (cancellation: Cancellation) => Promise<unknown>
  /** Called once, when more pings in a row went unanswered than may. */
  readonly dead: () => void
}

export interface Heartbeat {
  /** Pings while nothing is in flight: a busy server may well be late, and its calls have deadlines of their own. */
  watch(isBusy: boolean): void
  stop(): void
}

/** Tells a server that hangs from one that is merely quiet. Any answer, an error too, is a sign of life. */
export function createHeartbeat({ intervalMs, clock, ping, dead }: HeartbeatOptions): Heartbeat {
  let timer: unknown
  let awaited: Cancellation | undefined
  let misses = 0

  function stop(): void {
    clock.clearTimeout(timer)
    awaited?.cancel('no longer of interest')
    awaited = undefined
    misses = 0
  }

  function beat(): void {
    if (awaited && misses >= missesAllowed) {
      stop()
      return dead()
    }
    if (awaited) misses++
    awaited?.cancel('too late')
    const own = createCancellation()
    awaited = own
    const alive = () => {
      if (awaited !== own) return
      awaited = undefined
      misses = 0
    }
    ping(own).then(alive, alive)
    timer = clock.setTimeout(beat, intervalMs)
  }

  return {
    watch(isBusy) {
      stop()
      if (!isBusy && intervalMs > 0) timer = clock.setTimeout(beat, intervalMs)
    },
    stop,
  }
}
