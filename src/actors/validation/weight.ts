/** What a value costs beside its characters, when it is written down. */
const weightOfValue = 8

/** Whether a value of JSON is lighter than that, in characters and values: found out in no more steps than `weight`. */
export function isLighter(value: unknown, weight: number): boolean {
  let left = weight
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    left -= typeof next === 'string' ? next.length : weightOfValue
    if (left <= 0) return false
    if (typeof next !== 'object' || next === null) continue
    for (const key in next) {
      left -= key.length
      if (left <= 0) return false
      open.push((next as Record<string, unknown>)[key])
    }
  }
  return true
}
