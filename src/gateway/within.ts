/** The longest that a timer of Node can wait. */
const longestMs = 2 ** 31 - 1

/** Resolves when the work has settled, however it did, or when the time is over. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.min(ms, longestMs))))
  await Promise.race([Promise.allSettled([work]), tooLate])
  clearTimeout(timer)
}
