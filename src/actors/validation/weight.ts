/** What a value costs beside its characters, when it is written down. */
const weightOfValue = 8

/** Whether a value of JSON is lighter than that, in characters and values. */
export function isLighter(value: unknown, weight: number): boolean {
  return leftBy(value, weight) > 0
}

/** What a value of JSON leaves of a weight, in characters and values; nothing when it is not lighter. Looks no further then. */
export function leftBy(value: unknown, weight: number): number {
  let left = weight
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    left -= typeof next === 'string' ? next.length : weightOfValue
    // Not by `in`: naming the places of a long array costs more than looking at them.
    if (Array.isArray(next) && next.length * weightOfValue > left) return 0
    if (left <= 0) return 0
    if (Array.isArray(next)) for (const one of next as unknown[]) open.push(one)
    else if (typeof next === 'object' && next !== null) {
      for (const key in next) {
        left -= key.length
        if (left <= 0) return 0
        open.push((next as Record<string, unknown>)[key])
      }
    }
  }
  return left
}
