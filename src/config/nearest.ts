/** The candidate that a mistyped word most likely stands for, if one is near enough: two edits, one for short words. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase()
  let best: { candidate: string; distance: number } | undefined
  for (const candidate of candidates) {
    const furthest = Math.min(2, Math.floor(candidate.length / 3))
    if (candidate === word || Math.abs(candidate.length - word.length) > furthest) continue
    const distance = edits(typed, candidate.toLowerCase())
    if (distance <= furthest && distance < (best?.distance ?? Infinity)) best = { candidate, distance }
  }
  return best?.candidate
}

/** Levenshtein's distance, one row at a time. */
function edits(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const changed = cost(above, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1)
      current.push(Math.min(changed, cost(above, column) + 1, cost(current, column - 1) + 1))
    }
    above = current
  }
  return cost(above, to.length)
}

const cost = (row: readonly number[], column: number): number => row[column] ?? Infinity
