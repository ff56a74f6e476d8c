import { SupervisorError, asFailure } from '../../errors.js'

/**
 * The error of a further request for a call that takes several. Whatever became of that request, the call itself was sent:
 * it must not be taken for one that was not, and made again.
 */
export function alreadySent(error: unknown): unknown {
  if (!(error instanceof SupervisorError) || error.delivered !== 'no') return error
  return new SupervisorError({ ...asFailure(error), delivered: 'maybe' }, error.cause)
}
