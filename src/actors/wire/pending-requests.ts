import { SupervisorError, type Failure } from '../../errors.js'

export type RequestId = string | number

/**
 * The requests of one transport that wait for their answer.
 *
 * Each one opened settles exactly once: by `answered`, `cancelled`, `fail` or `failAll`. The last of these is for the end
 * of the transport; requests opened later are the transport's to refuse. Every method is total: an unknown id is ignored.
 */
export interface PendingRequests {
  readonly size: number
  /** Resolves when the request was answered or cancelled; rejects with a `SupervisorError` made from its failure. */
  open(id: RequestId): Promise<void>
  /** The request has left us: from now on the server may have seen it. */
  written(id: RequestId): void
  /** The id under which a request waits for this answer: numeric ids answered as a string of the same digits are known. */
  match(id: RequestId): RequestId | undefined
  /** Resolves the request; false when none waits for this answer (see `match`). */
  answered(id: RequestId): boolean
  /** Resolves a request whose answer nobody wants any more; false when none waits. */
  cancelled(id: RequestId): boolean
  /** Rejects one request; false when none waits for this answer (see `match`). */
  fail(id: RequestId, failure: Failure): boolean
  /** Rejects all, oldest first; each failure is made for a request that was written or was not. */
  failAll(failureOf: (written: boolean) => Failure): void
}

interface Pending {
  readonly resolve: () => void
  readonly reject: (error: SupervisorError) => void
  written: boolean
}

export function createPendingRequests(): PendingRequests {
  const pending = new Map<RequestId, Pending>()

  const match = (id: RequestId): RequestId | undefined => {
    if (pending.has(id)) return id
    const number = typeof id === 'string' ? Number(id) : Number.NaN
    return String(number) === id && pending.has(number) ? number : undefined
  }
  const take = (id: RequestId | undefined): Pending | undefined => {
    if (id === undefined) return undefined
    const request = pending.get(id)
    pending.delete(id)
    return request
  }
  const resolved = (request: Pending | undefined): boolean => {
    request?.resolve()
    return request !== undefined
  }

  return {
    get size() {
      return pending.size
    },
    open(id) {
      if (pending.has(id)) throw new TypeError(`Request id must be unique while it is pending, got ${id} twice`)
      return new Promise((resolve, reject) => pending.set(id, { resolve, reject, written: false }))
    },
    written(id) {
      const request = pending.get(id)
      if (request) request.written = true
    },
    match,
    answered: (id) => resolved(take(match(id))),
    cancelled: (id) => resolved(take(id)),
    fail(id, failure) {
      const request = take(match(id))
      request?.reject(new SupervisorError(failure))
      return request !== undefined
    },
    failAll(failureOf) {
      const requests = [...pending.values()]
      pending.clear()
      for (const { reject, written } of requests) reject(new SupervisorError(failureOf(written)))
    },
  }
}
