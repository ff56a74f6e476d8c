import { Worker } from 'node:worker_threads'

import type { Clock } from '../../clock.js'
import { messageOf } from '../../errors.js'
import type { LongText } from '../wire/long-texts.js'

/** A schema and what should match it, as texts of JSON: the content alone, or the message that it came in. */
export type Question = { readonly schema: string } & ({ readonly content: string } | LongText)

/** `wrong` says why the content does not match, or why that cannot be told; absent when it does. */
export interface Verdict {
  readonly wrong?: string
  /** It took too long, or more memory than it may. */
  readonly isCostly?: true
}

export interface Asked {
  readonly server: string
  readonly question: Question
  readonly tell: (verdict: Verdict) => void
}

/** A thread that judges one answer after the other. It starts with the first question and keeps no process alive. */
export interface Lane {
  /** Tells in the end, at the latest when its turn and the deadline are over. */
  ask(asked: Asked): void
  /** A question that still waits is forgotten. */
  takeBack(asked: Asked): void
  /** Those of a server that still wait leave the lane. */
  takeAll(server: string): readonly Asked[]
  /** Ends the thread. Whoever still asks is told at once. */
  close(): Promise<void>
}

export interface LaneOptions {
  readonly clock: Clock
  /** For one question, once the thread runs. */
  readonly judgeTimeoutMs: number
}

/** A thread may start slowly on a busy machine; after this it will not start at all. */
const startTimeoutMs = 30_000
/** A schema that needs more memory than this ends its thread, not the process. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 }

export function createLane({ clock, judgeTimeoutMs }: LaneOptions): Lane {
  const waiting = new Set<Asked>()
  let current: Asked | undefined
  let worker: Worker | undefined
  let timer: unknown
  let isClosed = false
  const endings = new Set<Promise<unknown>>()

  function next(): void {
    const [asked] = waiting
    if (current || !asked) return
    waiting.delete(asked)
    current = asked
    try {
      if (worker) arm(judgeTimeoutMs)
      else worker = start()
      worker.postMessage(asked.question)
    } catch (error) {
      // The host may forbid threads.
      giveUp(`its structured content could not be judged: ${messageOf(error)}`)
    }
  }

  function start(): Worker {
    // No variable and no argument of the host reaches it.
    const own = new Worker(new URL('./thread.js', import.meta.url), { env: {}, execArgv: [], resourceLimits })
    arm(startTimeoutMs, 'its structured content could not be judged: the thread for it did not start')
    own.on('message', (message: Verdict | 'ready') => {
      if (message === 'ready') arm(judgeTimeoutMs)
      else settle(message)
    })
    own.on('error', ({ message }) => giveUp(`its structured content could not be judged: ${message}`))
    // Last: a listener counts as somebody who waits.
    own.unref()
    return own
  }

  function arm(ms: number, reason = `its structured content could not be judged within ${ms} ms`): void {
    clock.clearTimeout(timer)
    timer = clock.setTimeout(() => giveUp(reason), ms)
  }

  /** Ends the thread with the question that it has not answered; the next one gets another. */
  function giveUp(wrong: string): void {
    end()
    settle({ wrong, isCostly: true })
  }

  function settle(verdict: Verdict): void {
    clock.clearTimeout(timer)
    const asked = current
    current = undefined
    asked?.tell(verdict)
    next()
  }

  function end(): void {
    const own = worker
    worker = undefined
    if (!own) return
    own.removeAllListeners()
    // What a thread says while it is being ended concerns nobody.
    own.on('error', () => undefined)
    const ending: Promise<unknown> = own.terminate().finally(() => endings.delete(ending))
    endings.add(ending)
  }

  return {
    ask(asked) {
      if (isClosed) return asked.tell(closed)
      waiting.add(asked)
      next()
    },
    takeBack: (asked) => void waiting.delete(asked),
    takeAll(server) {
      const all = [...waiting].filter((asked) => asked.server === server)
      for (const asked of all) waiting.delete(asked)
      return all
    },
    async close() {
      isClosed = true
      const left = [...waiting]
      waiting.clear()
      end()
      settle(closed)
      for (const { tell } of left) tell(closed)
      await Promise.all(endings)
    },
  }
}

const closed: Verdict = { wrong: 'its structured content was not judged: the supervisor closed' }
