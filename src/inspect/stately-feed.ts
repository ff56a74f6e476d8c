import type { Outlet, Outlets } from './outlets.js'
import type { Recorder } from './recorder.js'

export interface StatelyFeed {
  /** Tells a new listener who lives and how they are. */
  greet(outlet: Outlet): void
  stop(): void
}

/** Tells everybody at the outlets, in messages of the Stately inspector, what happens in the tree. */
export function createStatelyFeed(recorder: Recorder, outlets: Outlets): StatelyFeed {
  const unsubscribe = recorder.subscribe((record) => {
    if (outlets.size === 0 || record.type === 'outcome') return
    const { seq: _seq, ...message } = record
    outlets.send('message', message)
  })
  return {
    greet(outlet) {
      for (const { birth, now } of recorder.actors()) {
        outlet.send('message', now ? { ...birth, snapshot: now.snapshot } : birth)
        if (now) outlet.send('message', now)
      }
    },
    stop: unsubscribe,
  }
}
