/** Settles as the promise does, or rejects with the reason of the signal when that comes first. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const waiting = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: waiting.signal })
  })
  return Promise.race([promise, aborted]).finally(() => waiting.abort())
}
