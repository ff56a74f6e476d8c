/** Gives the answer to `${input:id}`, undefined when there is none. */
export type Inputs = (id: string) => string | undefined | Promise<string | undefined>

/**
 * Asks for inputs one after the other, as people answer. Rejects with the reason of the signal when it is aborted, and with
 * what `inputs` throws.
 */
export async function askInputs(ids: Iterable<string>, inputs: Inputs | undefined, signal: AbortSignal | undefined) {
  const answers = new Map<string, string | undefined>()
  if (!inputs) return answers
  for (const id of ids) {
    signal?.throwIfAborted()
    answers.set(id, await unlessAborted(inputs(id), signal))
  }
  return answers
}

function unlessAborted<T>(answer: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    Promise.resolve(answer)
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener('abort', abort))
  })
}
