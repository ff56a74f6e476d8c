import { setTimeout as sleep } from 'node:timers/promises'

import { urlElicitationsOf } from '../../calls/url-elicitations.js'
import { SupervisorError } from '../../errors.js'
import type { UrlElicitation } from '../../mcp.js'
import type { Interruptions } from './interruptions.js'
import type { RequestOptions, Requests } from './requests.js'

type Body = Record<string, unknown>

/** The pages that a person has to visit before a server answers, up to 2025-11-25. */
export interface Visits {
  /**
   * Makes a request. One that is refused until a person has visited pages is made once more when all were: a refusal is an
   * answer, so that nothing was executed. Otherwise the refusal is the error.
   */
  request(method: string, params: Body, options: RequestOptions): Promise<Body>
  /** The server says that the person is done with a page. */
  completed(elicitationId: unknown): void
}

export interface VisitsParts {
  readonly requests: Pick<Requests, 'request'>
  /** What may end the wait for a person. */
  readonly interruptions: Interruptions
  /** How long a server may take to say that the person is done, before it is asked whether or not. */
  readonly patienceMs?: number
}

/** Long enough to log in somewhere. Servers need not say that a person is done. */
const patienceOfPeopleMs = 300_000

export function createVisits({ requests, interruptions, patienceMs = patienceOfPeopleMs }: VisitsParts): Visits {
  /** Whoever waits for the end of a page. */
  const open = new Map<unknown, () => void>()

  /** Shows one page after the other; whether the person agreed to all and is done, as far as can be told. */
  async function show(pages: readonly UrlElicitation[], options: RequestOptions, signal: AbortSignal) {
    const { caller } = options
    const ends = new Map(pages.map(({ elicitationId }) => [elicitationId, createEnd(elicitationId)]))
    try {
      for (const page of pages) {
        const reply = await caller?.answer({ method: 'elicitation/create', params: page }, signal)
        if (!reply || 'error' in reply || reply.result['action'] !== 'accept') return false
        if (reply.isDone) open.get(page.elicitationId)?.()
      }
      await within(Promise.all(ends.values()), options, signal)
      return true
    } finally {
      for (const id of ends.keys()) open.delete(id)
    }
  }

  function createEnd(elicitationId: unknown): Promise<void> {
    return new Promise((resolve) => open.set(elicitationId, resolve))
  }

  /** While a person is somewhere else, silence is no sign of trouble. */
  async function within(ends: Promise<unknown>, { caller }: RequestOptions, signal: AbortSignal): Promise<void> {
    const resume = caller?.pause()
    const over = new AbortController()
    const patience = sleep(patienceMs, undefined, { signal: AbortSignal.any([signal, over.signal]), ref: false })
    // Ended by its own end: nobody waits for it any more.
    patience.catch(() => {})
    await Promise.race([ends, patience]).finally(() => {
      over.abort()
      resume?.()
    })
  }

  return {
    async request(method, params, options) {
      try {
        return await requests.request(method, params, options)
      } catch (error) {
        const pages = error instanceof SupervisorError ? urlElicitationsOf(error) : []
        if (pages.length === 0 || !options.caller?.handlers.urlElicitation) throw error
        const isDone = await interruptions.guard(options.cancellation, (signal) => show(pages, options, signal))
        if (!isDone) throw error
        return requests.request(method, params, options)
      }
    },
    completed: (elicitationId) => open.get(elicitationId)?.(),
  }
}
