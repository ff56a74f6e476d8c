import { type Cancellation, createCancellation } from '../calls/cancellation.js'
import type { Ledger, Work } from '../calls/ledger.js'
import { queueFull } from '../calls/queue-full.js'
import { type Failure, SupervisorError, asFailure, failure, messageOf } from '../errors.js'
import type { Progress } from '../mcp.js'
import type { Caller } from './session/caller.js'
import type { RequestOptions } from './session/requests.js'

/** The calls that one connection has accepted: some in flight, the rest waiting for room. */
export interface CallWindow {
  /** Carries the call, lets it wait while the window is full, or refuses it when too many wait. */
  accept(callId: number): void
  /** The caller no longer wants the call: its server is told, its place is free. */
  cancel(callId: number): void
  /** Accepts nothing more; those in flight go on. Resolves when none is. */
  shut(): Promise<void>
  /** The calls that never left and are still wanted. Each is handed out once: whoever takes it finds it another way. */
  takeUnsent(): number[]
  /** Fails what is still in flight, for `of` says why no answer will come. */
  failAll(of: Failure): void
}

export interface CallWindowOptions {
  readonly server: string
  readonly maxConcurrency: number
  readonly maxQueue: number
  readonly ledger: Ledger
  readonly carry: (work: Work, options: RequestOptions) => Promise<unknown>
  /** Who answers what the server asks during a call. */
  readonly caller: (callId: number, work: Work) => Caller
  /** The window became busy, or idle. */
  readonly busy: (isBusy: boolean) => void
  /** A call surely did not reach the server because the connection is gone. */
  readonly lost: (of: Failure) => void
}

export function createCallWindow(options: CallWindowOptions): CallWindow {
  const { server, maxConcurrency, maxQueue, ledger, carry, caller, busy, lost } = options
  const inFlight = new Map<number, Cancellation>()
  const waiting = new Set<number>()
  const unsent: number[] = []
  let isShut = false
  let onSettled: (() => void)[] = []

  function start(callId: number): void {
    const work = ledger.work(callId)
    if (!work) return
    if (work.kind === 'connect') return ledger.succeed(callId, undefined)
    const cancellation = createCancellation()
    inFlight.set(callId, cancellation)
    if (inFlight.size === 1) busy(true)
    ledger.sent(callId)
    const onProgress = (progress: Progress) => ledger.progress(callId, progress)
    const trace = ledger.terms(callId)?.trace
    carry(work, { cancellation, onProgress, caller: caller(callId, work), trace }).then(
      (value) => {
        ledger.succeed(callId, value)
        leave(callId)
      },
      (error: unknown) => {
        reject(callId, error)
        leave(callId)
      },
    )
  }

  function reject(callId: number, error: unknown): void {
    const of = failureOf(error, server)
    if (of.code !== 'CONNECTION_LOST' || of.delivered !== 'no')
      return ledger.fail(callId, { phase: 'call', ...of }, error)
    ledger.unsent(callId)
    unsent.push(callId)
    lost(of)
  }

  function leave(callId: number): void {
    inFlight.delete(callId)
    if (!isShut) startNext()
    if (inFlight.size > 0) return
    busy(false)
    const resolve = onSettled
    onSettled = []
    for (const settle of resolve) settle()
  }

  function startNext(): void {
    for (const callId of waiting) {
      if (inFlight.size >= maxConcurrency) return
      waiting.delete(callId)
      start(callId)
    }
  }

  return {
    accept(callId) {
      const needsRoom = ledger.work(callId)?.kind !== 'connect'
      if (isShut) unsent.push(callId)
      else if (!needsRoom || inFlight.size < maxConcurrency) start(callId)
      else if (waiting.size < maxQueue) waiting.add(callId)
      else ledger.fail(callId, queueFull(server, maxQueue))
    },
    cancel(callId) {
      if (!waiting.delete(callId)) inFlight.get(callId)?.cancel('cancelled by the caller')
    },
    shut() {
      isShut = true
      return inFlight.size === 0 ? Promise.resolve() : new Promise((resolve) => onSettled.push(resolve))
    },
    takeUnsent() {
      const never = [...unsent, ...waiting].filter((callId) => ledger.work(callId) !== undefined)
      unsent.length = 0
      waiting.clear()
      return never
    },
    failAll(of) {
      for (const [callId, cancellation] of inFlight) {
        ledger.fail(callId, { ...of, phase: 'call', delivered: 'maybe' })
        cancellation.cancel('the connection is ending')
      }
    },
  }
}

/** The failure inside whatever was thrown. Anything but our own error is a bug, and says so. */
export function failureOf(error: unknown, server: string): Failure {
  if (error instanceof SupervisorError) return asFailure(error)
  return failure('CONNECTION_LOST', `Server "${server}": ${messageOf(error)}`, { server, delivered: 'maybe' })
}
