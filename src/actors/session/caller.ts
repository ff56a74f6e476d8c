import type { Handlers, Notification } from '../../calls/handlers.js'
import type { Ledger, Work } from '../../calls/ledger.js'
import { nameOf } from '../../calls/work-name.js'
import type { LogLevel } from '../../mcp.js'
import { type Inquiry, type Reply, answerInquiry } from './inquiry.js'

/** The call on whose behalf a request is made: it answers what the server asks meanwhile, and hears what it says. */
export interface Caller {
  readonly handlers: Handlers
  /** Whoever made the call; callers with one owner stand for each other. */
  readonly owner: object | undefined
  /** The least severe log messages that it wants. */
  readonly logLevel?: LogLevel | undefined
  answer(inquiry: Inquiry, signal: AbortSignal): Promise<Reply>
  hear(notification: Notification): void
  /** The server waits for an answer of the host: until the returned function is called, silence does not count. */
  pause(): () => void
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
      const own = ledger.terms(callId)?.handlers
      return own ? { ...handlers, ...own } : handlers
    },
    get owner() {
      return ledger.terms(callId)?.owner
    },
    get logLevel() {
      return ledger.terms(callId)?.logLevel
    },
    async answer(inquiry, signal) {
      const resume = caller.pause()
      const { key } = inquiry
      const asked = { server, call: { callId, ...nameOf(work) }, signal, ...(key !== undefined && { key }) }
      try {
        return await answerInquiry(inquiry, caller.handlers, asked)
      } finally {
        resume()
      }
    },
    hear: (notification) => ledger.terms(callId)?.onNotification?.(notification),
    pause: () => ledger.pause(callId),
  }
  return caller
}
