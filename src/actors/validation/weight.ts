/** What a value costs beside its characters, when it is written down. */
const weightOfValue = 8

/** Whether a value of JSON is lighter than that, in characters and values. */
export function isLighter(value: unknown, weight: number): boolean {
  let left = weight
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    left -= typeof next === 'string' ? next.length : weightOfValue
    // Not by `in`: naming the places of a long array costs more than looking at them.
    if (Array.isArray(next) && next.length * weightOfValue > left) return false
    if (left <= 0) return false
    if (Array.isArray(next)) for (const one of next as unknown[]) open.push(one)
    else if (typeof next === 'object' && next !== null) {
      for (const key in next) {
        left -= key.length
        if (left <= 0) return false
        open.push((next as Record<string, unknown>)[key])
      }
    }
  }
  return true
}
