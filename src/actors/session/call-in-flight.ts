import type { Caller } from './caller.js'

/** A request that was made on behalf of a call, and that the server is at. */
export interface CallInFlight {
  readonly id: number
  readonly caller: Caller
  /** Nobody waits for it any more. */
  readonly isOver?: boolean
}
