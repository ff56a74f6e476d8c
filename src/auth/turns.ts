/** Lets one piece of work at a time run for each key, in the order they came. */
export interface Turns {
  take<T>(key: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    take(key, work, signal) {
      const before = last.get(key) ?? Promise.resolve()
      const mine = before.then(() => {
        signal.throwIfAborted()
        return work()
      })
      // Who comes next waits for the end of this, however it ends.
      const over = mine.catch(() => {}).finally(() => last.get(key) === over && last.delete(key))
      last.set(key, over)
      return mine
    },
  }
}
