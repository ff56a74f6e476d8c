/** The candidates that a mistyped word most likely stands for, as a hint; undefined when none is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = [...candidates]
    .map((candidate) => ({ candidate, distance: distanceOf(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.distance - b.distance)
  const [first] = near
  return first && `did you mean "${first.candidate}"?`
}

/** Levenshtein's distance; a word that is the beginning or the end of the other is at most two away. */
function distanceOf(from: string, to: string): number {
  const row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of from.split('').entries()) {
    let diagonal = row[0] ?? 0
    row[0] = index + 1
    for (let column = 1; column <= to.length; column++) {
      const above = row[column] ?? 0
      row[column] = Math.min(above + 1, (row[column - 1] ?? 0) + 1, diagonal + (letter === to[column - 1] ? 0 : 1))
      diagonal = above
    }
  }
  const distance = row[to.length] ?? Infinity
  const isPart = from.length >= 3 && (to.startsWith(from) || to.endsWith(from))
  return isPart ? Math.min(distance, 1) : distance
}
