import type { Handlers } from '../calls/handlers.js'
import type { Ledger, Work } from '../calls/ledger.js'
import { nameOf } from '../calls/work-name.js'
import { type Inquiry, type Reply, answerInquiry } from './session/inquiry.js'

/** The call on whose behalf a request is made: it answers what the server asks meanwhile. */
export interface Caller {
  readonly handlers: Handlers
  answer(inquiry: Inquiry, signal: AbortSignal): Promise<Reply>
}

export interface CallerParts {
  readonly server: string
  readonly ledger: Ledger
  /** The handlers of the supervisor; those of the call go over them. */
  readonly handlers: Handlers
}

export function createCaller(callId: number, work: Work, { server, ledger, handlers }: CallerParts): Caller {
  const caller: Caller = {
    get handlers() {
      const own = ledger.handlers(callId)
      return own ? { ...handlers, ...own } : handlers
    },
    async answer(inquiry, signal) {
      const resume = ledger.pause(callId)
      try {
        return await answerInquiry(inquiry, caller.handlers, { server, call: { callId, ...nameOf(work) }, signal })
      } finally {
        resume()
      }
    },
  }
  return caller
}
