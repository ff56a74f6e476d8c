import { SupervisorError } from '../../src/index.js'

/** The error that a promise rejects with, which must be one of ours. */
export async function errorOf(promise: Promise<unknown>): Promise<SupervisorError> {
  const [outcome] = await Promise.allSettled([promise])
  if (outcome.status === 'fulfilled') throw new Error(`expected a rejection, got ${JSON.stringify(outcome.value)}`)
  if (outcome.reason instanceof SupervisorError) return outcome.reason
  throw new Error('expected a SupervisorError', { cause: outcome.reason })
}
