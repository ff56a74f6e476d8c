/** The last items of a stream, in bounded memory. */
export interface Ring<T> {
  push(item: T): void
  /** Oldest first. */
  items(): T[]
}

export function createRing<T>(limit: number): Ring<T> {
  let kept: T[] = []
  return {
    push(item) {
      kept.push(item)
      // Cut rarely: moving the whole ring for each item would cost more than the items.
      if (kept.length >= 2 * limit) kept = kept.slice(-limit)
    },
    items: () => kept.slice(-limit),
  }
}
