import type { Clock } from '../../clock.js'
import { longestDelayMs } from '../../config/defaults.js'
import { messageOf } from '../../errors.js'
import { coalesce } from './coalesce.js'

/** One list of a server, and for how long it need not be asked for again. */
export interface Shelf<T> {
  /** From memory while that holds, else the server is asked; `refresh` asks it in any case. */
  get(refresh: boolean, ask: () => Promise<Listed<T>>): Promise<T>
  /** The server told a change: what is remembered no longer holds, and what is in use is soon asked for anew. */
  changed(): void
  /** Asks the server for nothing more by itself. */
  stop(): void
}

export interface Listed<T> {
  readonly items: T
  /** How long the server promises that it holds (since 2026-07-28). */
  readonly ttlMs?: number | undefined
  /** Tells what was found, once it is remembered: whoever hears of it may ask for it. */
  readonly tell?: () => void
}

export interface ShelfParts<T> {
  readonly clock: Clock
  /** Names the unbroken time in which changes are told: what was listed in an earlier one may have changed unnoticed. */
  readonly watch: () => number | undefined
  /** Asks on behalf of nobody, after a change. */
  readonly ask: () => Promise<Listed<T>>
  readonly refreshFailed: (message: string) => void
}

interface Memory<T> {
  readonly items: T
  /** It holds to a time, or for as long as changes are told without a break. */
  readonly holds: { readonly until: number } | { readonly watch: number }
}

/** Notifications of changes that follow each other within this time are answered by one listing. */
const refreshWindowMs = 100

export function createShelf<T>({ clock, watch, ask, refreshFailed }: ShelfParts<T>): Shelf<T> {
  const refresh = coalesce(refreshNow, { clock, windowMs: refreshWindowMs })
  let memory: Memory<T> | undefined
  let isUsed = false
  /** Counts the changes that the server told. */
  let changes = 0

  async function read(from: () => Promise<Listed<T>>): Promise<T> {
    isUsed = true
    const [changesBefore, watchBefore] = [changes, watch()]
    const { items, ttlMs, tell } = await from()
    // A change told meanwhile may not be in this listing yet.
    memory = changes === changesBefore ? remembered(items, ttlMs, watchBefore) : undefined
    tell?.()
    return items
  }

  /** A promise counts more than the habit of telling changes. One of no time is none: servers give it by default. */
  function remembered(items: T, ttlMs: number | undefined, since: number | undefined): Memory<T> | undefined {
    if (ttlMs) return { items, holds: { until: clock.now() + Math.min(ttlMs, longestDelayMs) } }
    return since === undefined ? undefined : { items, holds: { watch: since } }
  }

  function isCurrent({ holds }: Memory<T>): boolean {
    return 'until' in holds ? clock.now() < holds.until : holds.watch === watch()
  }

  async function refreshNow(): Promise<void> {
    try {
      await read(ask)
    } catch (error) {
      refreshFailed(messageOf(error))
    }
  }

  return {
    get: async (isRefresh, from) => (!isRefresh && memory && isCurrent(memory) ? memory.items : read(from)),
    changed() {
      changes += 1
      memory = undefined
      if (isUsed) refresh.ask()
    },
    stop: refresh.stop,
  }
}
