/** The last so many values, in order. */
export interface Ring<T> {
  push(value: T): void
  last(count: number): readonly T[]
}

export function createRing<T>(size: number): Ring<T> {
  const values: T[] = []
  let next = 0
  return {
    push(value) {
      values[next] = value
      next = (next + 1) % size
    },
    last(count) {
      const inOrder = values.length < size ? values : [...values.slice(next), ...values.slice(0, next)]
      return count === 0 ? [] : inOrder.slice(-count)
    },
  }
}
