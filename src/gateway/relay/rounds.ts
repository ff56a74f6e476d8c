import { randomUUID } from 'node:crypto'

import {
  type InputRequest,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  inputRequired,
} from '@modelcontextprotocol/server'

import type { Asides } from './exchange.js'
import type { Ask } from './relayed-handlers.js'

/** What one message of a client brings to a request that is answered in rounds. */
export interface Round {
  /** Who may go on with it, and what it is: both must be the same in every round. */
  readonly client: object
  readonly request: string
  readonly state: string | undefined
  readonly responses: Readonly<Record<string, unknown>>
  readonly asides: Asides
  /** The client goes away. */
  readonly signal: AbortSignal
}

/** Work that may ask, and say things to the round that is open; `signal` says that it is no longer wanted. */
export type Work<R> = (ask: Ask, asides: () => Asides, signal: AbortSignal) => Promise<R>

/** The requests that wait, between two messages, for answers of their clients. */
export interface Rounds {
  /**
   * Begins the work, or goes on with it when `round.state` names one that waits. Resolves to its result, or to what it
   * asks. @throws -32602 for a state that is of no request, of another one, or used up
   */
  carry<R extends object>(round: Round, work: Work<R>): Promise<R | InputRequiredResult>
  /** Those that wait now for their clients, as the results that they will have. */
  parked(): readonly Promise<object>[]
  /** Gives up those of a client that is gone. */
  drop(client: object): void
  /** Gives up all that wait. */
  close(): void
}

interface Question {
  readonly request: InputRequest
  readonly answer: (response: unknown) => void
}

interface Parked {
  readonly client: object
  readonly request: string
  readonly controller: AbortController
  readonly questions: Map<string, Question>
  readonly outcome: Promise<object>
  /** Of the last round. */
  asides: Asides
  /** Resolves when something more is asked. */
  readonly asked: () => Promise<void>
  /** Runs while the client is waited for. */
  timer?: NodeJS.Timeout
}

/**
 * Since 2026-07-28 a server asks by answering: the client repeats its request with the answers. Here the request below goes
 * on waiting meanwhile, whichever era its server is of. The state that the client brings back is a random name of it, good
 * for one round. A client that does not come back within `answerWaitMs` gives its request up, so that it holds no place at
 * the server for long; the deadline of the request below may end the wait before.
 */
export function createRounds(answerWaitMs: number): Rounds {
  const waiting = new Map<string, Parked>()

  function begin({ client, request, responses, asides }: Round, work: Work<object>): Parked {
    const controller = new AbortController()
    const questions = new Map<string, Question>()
    const { ring, rung } = createBell()
    const early = new Map(Object.entries(responses))
    const ask: Ask = (method, params, { key, signal }) => {
      const name = freeName(questions, key)
      // What a client knows beforehand it may send along: it is not asked for it.
      if (early.has(name)) return Promise.resolve(takeFrom(early, name))
      return new Promise((resolve, reject) => {
        questions.set(name, { request: { method, params } as InputRequest, answer: resolve })
        signal.addEventListener('abort', () => {
          questions.delete(name)
          reject(signal.reason as Error)
        })
        ring()
      })
    }
    const outcome = work(ask, () => parked.asides, controller.signal)
    const parked: Parked = { client, request, controller, questions, outcome, asides, asked: rung }
    return parked
  }

  function resume({ client, request, state, responses, asides }: Round): Parked {
    const parked = state === undefined ? undefined : waiting.get(state)
    if (!parked || parked.client !== client || parked.request !== request) throw expired()
    waiting.delete(state as string)
    clearTimeout(parked.timer)
    parked.asides = asides
    for (const [name, { answer }] of parked.questions) {
      if (!Object.hasOwn(responses, name)) continue
      parked.questions.delete(name)
      answer(responses[name])
    }
    return parked
  }

  /** Waits for the result or for questions. A client that goes away gives the work up. */
  async function next(parked: Parked, signal: AbortSignal): Promise<object> {
    const giveUp = (): void => parked.controller.abort(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      while (parked.questions.size === 0) {
        const result = await Promise.race([parked.outcome, parked.asked()])
        if (result) return result
      }
      return park(parked)
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  function park(parked: Parked): InputRequiredResult {
    const requestState = randomUUID()
    waiting.set(requestState, parked)
    const timer = setTimeout(() => parked.controller.abort(new Error('The client did not come back')), answerWaitMs)
    parked.timer = timer.unref()
    const forget = (): void => {
      clearTimeout(timer)
      waiting.delete(requestState)
    }
    parked.outcome.then(forget, forget)
    const asked = [...parked.questions].map(([name, { request }]) => [name, request] as const)
    return inputRequired({ inputRequests: Object.fromEntries(asked), requestState })
  }

  function abandon(which: (parked: Parked) => boolean): void {
    for (const [state, parked] of waiting) {
      if (!which(parked)) continue
      waiting.delete(state)
      parked.controller.abort(new Error('The client has gone'))
    }
  }

  return {
    async carry<R extends object>(round: Round, work: Work<R>) {
      const parked = round.state === undefined ? begin(round, work) : resume(round)
      return (await next(parked, round.signal)) as R | InputRequiredResult
    },
    parked: () => [...waiting.values()].map(({ outcome }) => outcome),
    drop: (client) => abandon((parked) => parked.client === client),
    close: () => abandon(() => true),
  }
}

function freeName(taken: ReadonlyMap<string, unknown>, wish = 'question'): string {
  let name = wish
  for (let n = 2; taken.has(name); n += 1) name = `${wish}-${n}`
  return name
}

/** Rings once for all that is asked in one turn of the event loop. */
function createBell() {
  const listeners: (() => void)[] = []
  let isRinging = false
  return {
    rung: () => new Promise<void>((resolve) => listeners.push(resolve)),
    ring(): void {
      if (isRinging) return
      isRinging = true
      setImmediate(() => {
        isRinging = false
        for (const resolve of listeners.splice(0)) resolve()
      })
    },
  }
}

function takeFrom<V>(map: Map<string, V>, key: string): V | undefined {
  const value = map.get(key)
  map.delete(key)
  return value
}

function expired(): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', {
    reason: 'invalid_request_state',
  })
}
