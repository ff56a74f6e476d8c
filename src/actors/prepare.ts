import { type CallbackActorLogic, fromCallback } from 'xstate'

import { SupervisorError, asFailure, failure, messageOf } from '../errors.js'
import type { PrepareInput, PrepareReport } from '../messages.js'

/**
 * Resolves the placeholders of a server's entry and reports whether it can be used. The resolved entry itself stays
 * outside, with its secrets; `resolve` rejects with why there is none.
 */
export function fromPrepare(
  resolve: (input: PrepareInput) => Promise<unknown>,
): CallbackActorLogic<{ type: string }, PrepareInput> {
  return fromCallback<{ type: string }, PrepareInput>(({ input, sendBack }) => {
    const tell = (report: PrepareReport) => sendBack(report)
    resolve(input).then(
      () => tell({ type: 'entry.resolved' }),
      (error: unknown) => tell({ type: 'entry.unresolved', failure: unresolved(error, input.name) }),
    )
  })
}

function unresolved(error: unknown, server: string) {
  if (error instanceof SupervisorError) return { ...asFailure(error), server }
  const message = `Server "${server}" could not be resolved: ${messageOf(error)}`
  return failure('CONFIG_UNRESOLVED', message, { server, phase: 'config' })
}
