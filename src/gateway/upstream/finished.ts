/** Resolves when nothing is under way any more, nor what came under way meanwhile for its sake. */
export async function finished(underWay: () => readonly Promise<unknown>[]): Promise<void> {
  for (let rest = underWay(); rest.length > 0; rest = underWay()) await Promise.allSettled(rest)
}
