import type { Dispatcher } from 'undici'
import type { Pace } from './pace.js'

/** The head of an answer; its body must be read, discarded or aborted by whoever asked. */
export interface HttpAnswer {
  /** Server, method and address, for messages. */
  readonly subject: string
  readonly status: number
  /** A header by its name in lower case; one that came several times is joined by commas. */
  readonly header: (name: string) => string | undefined
  readonly body: Dispatcher.ResponseData['body']
  /** Aborts the reading of the body. */
  readonly signal: AbortSignal
  /** The same for all answers of a server. */
  readonly pace: Pace
}
