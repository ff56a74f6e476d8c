import type { SupervisorEvent } from '../events.js'
import type { EventBus } from './event-bus.js'

/** Events a slow reader may fall behind before the oldest are dropped. */
const bufferSize = 1_000

/** Says that a reader was too slow and how many events it missed. */
export interface EventsDropped {
  readonly type: 'events.dropped'
  readonly count: number
}

/**
 * All events as an async iterable, from the moment of the call. Ends when `signal` aborts, the loop is left, or the
 * supervisor has closed. A reader that falls behind loses the oldest events and is told how many.
 */
export function streamEvents(
  bus: EventBus,
  signal?: AbortSignal,
): AsyncIterableIterator<SupervisorEvent | EventsDropped> {
  const buffer: SupervisorEvent[] = []
  let dropped = 0
  let isOver = signal?.aborted ?? false
  /** Who asked for an event before there was one: several may, without waiting for each other. */
  const asked = new Set<() => void>()

  const unsubscribe = bus.on('*', (event) => {
    buffer.push(event)
    if (buffer.length > bufferSize) {
      buffer.shift()
      dropped++
    }
    if (event.type === 'supervisor.closed') end()
    wake()
  })
  function wake(): void {
    for (const resolve of asked) resolve()
    asked.clear()
  }
  function end(): void {
    isOver = true
    unsubscribe()
    signal?.removeEventListener('abort', end)
    wake()
  }
  signal?.addEventListener('abort', end, { once: true })
  if (isOver) end()

  return {
    async next() {
      while (buffer.length === 0 && !isOver) await new Promise<void>((resolve) => asked.add(resolve))
      if (dropped > 0) {
        const value: EventsDropped = { type: 'events.dropped', count: dropped }
        dropped = 0
        return { value, done: false }
      }
      const event = buffer.shift()
      return event ? { value: event, done: false } : { value: undefined, done: true }
    },
    async return() {
      buffer.length = 0
      end()
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
