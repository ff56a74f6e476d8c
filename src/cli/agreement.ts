import { createInterface } from 'node:readline/promises'

/** Asks a person on the terminal; anything but a yes is none. */
export async function isAgreed(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const closed = new AbortController()
    asking.on('close', () => closed.abort())
    return /^y(es)?$/i.test((await asking.question(question, { signal: closed.signal })).trim())
  } catch {
    // Ctrl-C or the end of input instead of an answer: that is no agreement.
    return false
  } finally {
    asking.close()
  }
}
