import { urlElicitationsOf } from '../../calls/url-elicitations.js'
import type { Clock } from '../../clock.js'
import { SupervisorError } from '../../errors.js'
import type { UrlElicitation } from '../../mcp.js'
import type { Interruptions } from './interruptions.js'
import { startPause } from './pause.js'
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
  readonly clock: Clock
  readonly requests: Pick<Requests, 'request'>
  /** What may end the wait for a person. */
  readonly interruptions: Interruptions
}

/** Long enough to log in somewhere. A server need not say that the person is done: then it is asked whether or not. */
const patienceMs = 300_000

export function createVisits({ clock, requests, interruptions }: VisitsParts): Visits {
  /** Those who wait for the end of a page: a server may send several calls to the same. */
  const open = new Map<unknown, Set<() => void>>()

  /** Shows one page after the other; whether the person agreed to all and is done, as far as can be told. */
  async function show(pages: readonly UrlElicitation[], options: RequestOptions, signal: AbortSignal) {
    const { caller } = options
    const ends = pages.map(({ elicitationId }) => awaitEnd(elicitationId))
    try {
      for (const page of pages) {
        const reply = await caller?.answer({ method: 'elicitation/create', params: page }, signal)
        if (!reply || 'error' in reply || reply.result['action'] !== 'accept') return false
        if (reply.isDone) completed(page.elicitationId)
      }
      await within(Promise.all(ends.map(({ end }) => end)), options, signal)
      return true
    } finally {
      for (const { forget } of ends) forget()
    }
  }

  function awaitEnd(elicitationId: unknown): { readonly end: Promise<void>; readonly forget: () => void } {
    const waiting = open.get(elicitationId) ?? new Set()
    open.set(elicitationId, waiting)
    let isDone = () => {}
    const end = new Promise<void>((resolve) => (isDone = resolve))
    waiting.add(isDone)
    const forget = () => {
      waiting.delete(isDone)
      if (waiting.size === 0 && open.get(elicitationId) === waiting) open.delete(elicitationId)
    }
    return { end, forget }
  }

  function completed(elicitationId: unknown): void {
    for (const isDone of open.get(elicitationId) ?? []) isDone()
  }

  /** While a person is somewhere else, silence is no sign of trouble. */
  async function within(ends: Promise<unknown>, { caller }: RequestOptions, signal: AbortSignal): Promise<void> {
    const resume = caller?.pause()
    const patience = startPause(clock, patienceMs, signal)
    await Promise.race([ends, patience.over])
    patience.end()
    resume?.()
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
    completed,
  }
}
