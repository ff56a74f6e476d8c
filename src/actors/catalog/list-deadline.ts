import { type Cancellation, createCancellation } from '../../calls/cancellation.js'
import type { Clock } from '../../clock.js'
import { SupervisorError, failure } from '../../errors.js'

export interface ListDeadline {
  readonly server: string
  readonly clock: Clock
  readonly listTimeoutMs: number
}

/** Does the work of one listing, which the policy bounds whoever asked for it; `caller` may give it up before. */
export async function withinDeadline<T>(
  { server, clock, listTimeoutMs }: ListDeadline,
  what: string,
  caller: Cancellation | undefined,
  work: (own: Cancellation) => Promise<T>,
): Promise<T> {
  const own = createCancellation()
  const message = `Server "${server}" did not list its ${what} within ${listTimeoutMs} ms`
  const tooSlow = failure('CALL_TIMEOUT', message, { server, phase: 'list', delivered: 'maybe' })
  const timer = clock.setTimeout(() => own.cancel(message), listTimeoutMs)
  if (caller) caller.onCancel = (reason) => own.cancel(reason)
  try {
    return await work(own)
  } catch (error) {
    throw own.reason === message ? new SupervisorError(tooSlow) : error
  } finally {
    clock.clearTimeout(timer)
  }
}
