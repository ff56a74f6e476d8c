import type { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long the lines of one turn of the event loop may take before everybody else has a turn. */
const turnMs = 2
/** A read this long means that more is waiting in the pipe. */
const fullReadBytes = 64 * 1024
/** Reading goes on so long at most after the process has ended. */
const drainMs = 50
const drainTurns = 20

/** What a reader does with the bytes: it takes all of a chunk, then works on it piece by piece. */
export interface Intake {
  push(chunk: Buffer): unknown
  /** Works on one piece; false when nothing is left to work on. */
  step(): boolean
}

export interface FairReader {
  /** Resolves when the pipe was read empty, although others may hold it open; within 50 ms of reading. */
  drained(): Promise<void>
  /** Reads on, to keep the writer from blocking, and throws away what comes. */
  discard(): void
}

/**
 * Reads a pipe without starving its neighbours: after 2 ms of work, or a read that found the pipe full, it is paused until
 * the next turn of the event loop. The writer then feels back-pressure.
 */
export function readFairly(pipe: Readable, { push, step }: Intake): FairReader {
  let isResting = false
  let hasRead = false
  let isDiscarding = false

  const rest = (): void => {
    isResting = true
    pipe.pause()
    setImmediate(() => {
      isResting = false
      if (isDiscarding) return
      if (work()) pipe.resume()
    })
  }
  /** Works until nothing is left (true) or the time is over (false). */
  const work = (): boolean => {
    const end = performance.now() + turnMs
    while (step()) {
      if (isDiscarding) return true
      if (performance.now() < end) continue
      rest()
      return false
    }
    return true
  }
  pipe.on('data', (chunk: Buffer) => {
    hasRead = true
    if (isDiscarding) return
    push(chunk)
    if (isResting) return
    if (work() && chunk.length >= fullReadBytes) rest()
  })
  // A pipe that breaks ends: its `close` follows, and whoever waits for the process learns of it there.
  pipe.on('error', () => {})

  return {
    async drained() {
      const deadline = performance.now() + drainMs
      // What was written before the end is in the pipe already, so turns without a read mean that it is empty.
      let idleTurns = 0
      for (let turns = 1; idleTurns < 3 && !pipe.readableEnded && !pipe.destroyed; turns += 1) {
        hasRead = false
        await nextTurn()
        idleTurns = hasRead || isResting ? 0 : idleTurns + 1
        // Time alone would not do: it also passes while others block the event loop.
        if (turns > drainTurns && performance.now() >= deadline) return
      }
    },
    discard() {
      isDiscarding = true
      pipe.resume()
    },
  }
}
