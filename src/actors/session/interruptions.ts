import type { Cancellation } from '../../calls/cancellation.js'
import { type Failure, SupervisorError, failure } from '../../errors.js'
import { aborted } from './requests.js'

/** Ends the waits of a session for things that no transport knows of: answers of the host, acknowledgements. */
export interface Interruptions {
  /** Settles as the work does; rejects at once when the caller gives up or the session ends, and then aborts the signal. */
  guard<T>(cancellation: Cancellation, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** The session has ended: whoever waits is told, and whoever comes later. */
  end(): void
}

export function createInterruptions(server: string): Interruptions {
  const waits = new Set<(error: SupervisorError) => void>()
  const lost: Failure = failure('CONNECTION_LOST', `Server "${server}" was lost while it waited for an answer`, {
    server,
    delivered: 'maybe',
  })
  let isOver = false

  return {
    async guard(cancellation, work) {
      if (isOver) throw new SupervisorError(lost)
      if (cancellation.reason !== undefined) throw aborted(server, 'maybe')
      const controller = new AbortController()
      let interrupt: ((error: SupervisorError) => void) | undefined
      try {
        return await new Promise((resolve, reject) => {
          interrupt = reject
          waits.add(reject)
          cancellation.onCancel = () => reject(aborted(server, 'maybe'))
          work(controller.signal).then(resolve, reject)
        })
      } catch (error) {
        controller.abort(error)
        throw error
      } finally {
        cancellation.onCancel = undefined
        if (interrupt) waits.delete(interrupt)
      }
    },
    end() {
      isOver = true
      for (const interrupt of waits) interrupt(new SupervisorError(lost))
    },
  }
}
