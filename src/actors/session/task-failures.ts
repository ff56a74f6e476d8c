import { SupervisorError, asFailure, failure } from '../../errors.js'
import type { Task } from './task.js'

/** Words of a server, fit to be shown. */
type Mask = (text: string) => string

/** The server ended the task, and there is no answer. */
export function cancelledByServer(server: string, { statusMessage }: Task, mask: Mask): SupervisorError {
  const why = statusMessage === undefined ? '' : `: ${mask(statusMessage)}`
  const message = `Server "${server}" cancelled the task of the call${why}`
  return new SupervisorError(failure('MCP_ERROR', message, { server, delivered: 'yes' }))
}

/** The error of a task that failed, with what its server said of that: the error itself often says nothing. */
export function withStatus(error: unknown, { statusMessage }: Task, mask: Mask): unknown {
  if (!(error instanceof SupervisorError) || error.code !== 'MCP_ERROR' || statusMessage === undefined) return error
  const of = asFailure(error)
  const told = mask(statusMessage)
  return of.message.includes(told) ? error : new SupervisorError({ ...of, message: `${of.message} (${told})` })
}

/** What was said of a task is not lawful. */
export function unlawfulTask(server: string, method: string): SupervisorError {
  const message = `Server "${server}" answered ${method} wrongly: a task must have a "taskId" and a known "status"`
  return new SupervisorError(failure('RESPONSE_INVALID', message, { server, delivered: 'yes' }))
}
