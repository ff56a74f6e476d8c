import type { EventOf, SupervisorEvent, SupervisorEventType } from '../events.js'
import { harmless } from './harmless.js'

export type Unsubscribe = () => void

/** Where a listener subscribes: to one type of event, or to all with `*`. */
export interface EventBus {
  on<T extends SupervisorEventType>(type: T, listener: (event: EventOf<T>) => void): Unsubscribe
  on(type: '*', listener: (event: SupervisorEvent) => void): Unsubscribe
  emit(event: SupervisorEvent): void
  /** Whether anybody would hear such an event: spares making one on the hot path. */
  hears(type: SupervisorEventType): boolean
}

type Listener = (event: never) => unknown

/**
 * Delivers events in order, to listeners in order of subscription, as soon as the work at hand is done: a listener sees
 * the status that the event tells of, and may call back in. One that throws or rejects is told to `failed` and harms nobody.
 */
export function createEventBus(failed: (error: unknown) => void): EventBus {
  const listeners = new Map<SupervisorEventType | '*', Set<(event: SupervisorEvent) => void>>()

  let waiting: SupervisorEvent[] = []

  function deliver(): void {
    const events = waiting
    waiting = []
    for (const event of events) {
      for (const listener of [...(listeners.get(event.type) ?? []), ...(listeners.get('*') ?? [])]) listener(event)
    }
  }

  return {
    on(type: SupervisorEventType | '*', listener: Listener): Unsubscribe {
      const set = listeners.get(type) ?? new Set()
      // A function of its own for each subscription: one listener subscribed twice is two subscriptions.
      const own = harmless((event: SupervisorEvent) => listener(event as never), failed)
      listeners.set(type, set.add(own))
      return () => void set.delete(own)
    },
    emit(event) {
      if (waiting.push(event) === 1) queueMicrotask(deliver)
    },
    hears: (type) => Boolean(listeners.get(type)?.size || listeners.get('*')?.size),
  }
}
