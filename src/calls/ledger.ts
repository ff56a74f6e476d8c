import type { Clock } from '../clock.js'
import { type Delivered, type Failure, SupervisorError, failure } from '../errors.js'
import type { LogLevel, Progress } from '../mcp.js'
import { type ServerIdentity, actorId } from '../messages.js'
import type { Handlers, Notification } from './handlers.js'
import { onAbort } from './on-abort.js'
import type { CallTrace } from './telemetry.js'

/** What a caller asks of a server. Stays here, out of events and machine context, which carry the call's id alone. */
export type Work =
  | { readonly kind: 'connect' }
  | { readonly kind: 'list'; readonly method: ListMethod; readonly refresh: boolean }
  | { readonly kind: 'request'; readonly method: string; readonly params: Record<string, unknown> }

export type ListMethod = 'tools/list' | 'resources/list' | 'resources/templates/list' | 'prompts/list'

export interface CallTerms {
  /** Longest silence; progress starts it again. 0 = none beside the cap. */
  readonly idleMs: number
  /** Longest life of the call. */
  readonly capMs: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Answer what the server asks during the call. */
  readonly handlers?: Handlers | undefined
  /** Hears what the server says during the call. */
  readonly onNotification?: ((notification: Notification) => void) | undefined
  /** The least severe log messages that the call wants, over what its server was told. */
  readonly logLevel?: LogLevel | undefined
  /** Calls of one owner may be taken for each other. */
  readonly owner?: object | undefined
  /** Is told what becomes of the call. */
  readonly trace?: CallTrace | undefined
}

export interface Ledger {
  /** Books a call to a server, which counts it; `promise` settles exactly once, by an answer, a failure, its deadline or its signal. */
  open(server: ServerIdentity, work: Work, terms: CallTerms): { callId: number; promise: Promise<unknown> }
  /** Another actor carries the call than the one of the server that counts it. */
  hand(callId: number, carrier: ServerIdentity): void
  /** The work of a call that is still wanted. */
  work(callId: number): Work | undefined
  /** From now on the server may have the call. */
  sent(callId: number): void
  /** The call surely did not reach the server after all: it waits again. */
  unsent(callId: number): void
  progress(callId: number, progress: Progress): void
  /** What came with a call that is still wanted. */
  terms(callId: number): CallTerms | undefined
  /** The server waits for an answer of the host: until the returned function is called, silence does not count. */
  pause(callId: number): () => void
  succeed(callId: number, value: unknown): void
  fail(callId: number, of: Failure, cause?: unknown): void
  /** Fails every open call that an actor carries, or all. */
  failAll(carrier: ServerIdentity | undefined, of: (delivered: Delivered) => Failure): void
  counts(server: ServerIdentity): { queued: number; inFlight: number }
  /** The open calls of a server, the oldest first. */
  list(server: ServerIdentity, limit: number): BookedCall[]
}

/** A call that has not settled. */
export interface BookedCall {
  readonly callId: number
  readonly work: Work
  /** Epoch milliseconds at which it was booked. */
  readonly since: number
  /** The server may have it: it no longer waits. */
  readonly isInFlight: boolean
}

interface Call {
  readonly callId: number
  readonly server: ServerIdentity
  carrier: ServerIdentity
  readonly work: Work
  readonly terms: CallTerms
  readonly bookedAt: number
  activeAt: number
  delivered: 'no' | 'maybe'
  timer: unknown
  /** Answers of the host that the server waits for. */
  awaited: number
  readonly ignoreSignal: (() => void) | undefined
  readonly resolve: (value: unknown) => void
  readonly reject: (error: SupervisorError) => void
}

export interface LedgerPorts {
  readonly clock: Clock
  /** The caller no longer wants a call: its carrier is told, by `cancel` or, when the call still waited, `queue.expired`. */
  readonly withdraw: (carrier: ServerIdentity, event: { type: 'cancel' | 'queue.expired'; callId: number }) => void
  readonly settled?: (call: SettledCall) => void
}

/** A settled call, as an event tells it. */
export interface SettledCall {
  readonly callId: number
  /** Counts it. */
  readonly server: ServerIdentity
  /** Its actor had it. */
  readonly carrier: ServerIdentity
  readonly work: Work
  readonly durationMs: number
  readonly failure?: Failure
}

/** The promises of all calls. A call that is not in it has settled: nothing can settle twice. */
export function createLedger({ clock, withdraw, settled }: LedgerPorts): Ledger {
  const calls = new Map<number, Call>()
  /** The same calls by the server that counts them: a status of many servers must not walk all calls for each. */
  const callsOf = new Map<string, Set<Call>>()
  let lastId = 0

  function book(call: Call): void {
    calls.set(call.callId, call)
    const key = actorId(call.server)
    const others = callsOf.get(key)
    if (others) others.add(call)
    else callsOf.set(key, new Set([call]))
  }

  function close(callId: number): Call | undefined {
    const call = calls.get(callId)
    if (!call) return undefined
    calls.delete(callId)
    const key = actorId(call.server)
    const others = callsOf.get(key)
    others?.delete(call)
    if (others?.size === 0) callsOf.delete(key)
    clock.clearTimeout(call.timer)
    call.ignoreSignal?.()
    return call
  }

  function fail(callId: number, of: Failure, cause?: unknown): void {
    const call = close(callId)
    if (!call) return
    const own: Failure = { server: call.server.name, ...of }
    call.reject(new SupervisorError(own, cause))
    settled?.({ ...report(call), failure: own })
    call.terms.trace?.settled({ failure: own })
  }

  function report({ callId, server, carrier, work, bookedAt }: Call): SettledCall {
    return { callId, server, carrier, work, durationMs: clock.now() - bookedAt }
  }

  /** Settles first, tells the server second: whatever it answers to the cancel comes too late to matter. */
  function giveUp(call: Call, of: Failure, waiting: 'cancel' | 'queue.expired', cause?: unknown): void {
    const { callId, carrier, delivered } = call
    fail(callId, of, cause)
    withdraw(carrier, { type: delivered === 'no' ? waiting : 'cancel', callId })
  }

  function abort(callId: number, signal: AbortSignal): void {
    const call = calls.get(callId)
    if (!call) return
    const of = failure('CALL_ABORTED', `Call to server "${call.server.name}" was aborted by its caller`, {
      phase: phaseOf(call),
      delivered: call.delivered,
    })
    giveUp(call, of, 'cancel', signal.reason)
  }

  function expire(call: Call): void {
    const { idleMs, capMs } = call.terms
    if (remaining(call) > 0) return arm(call)
    const silent = mindsSilence(call) && call.activeAt + idleMs < call.bookedAt + capMs
    const of = failure(
      'CALL_TIMEOUT',
      `Call to server "${call.server.name}" ${lacked(call, silent)} within ${silent ? idleMs : capMs} ms`,
      { phase: phaseOf(call), delivered: call.delivered },
    )
    giveUp(call, of, 'queue.expired')
  }

  function arm(call: Call): void {
    call.timer = clock.setHeldTimeout(() => expire(call), remaining(call))
  }

  function remaining(call: Call): number {
    const { terms, activeAt, bookedAt } = call
    const cap = bookedAt + terms.capMs
    return Math.ceil((mindsSilence(call) ? Math.min(activeAt + terms.idleMs, cap) : cap) - clock.now())
  }

  return {
    open(server, work, terms) {
      const callId = ++lastId
      const { signal } = terms
      const now = clock.now()
      const promise = new Promise<unknown>((resolve, reject) => {
        const ignoreSignal = signal && onAbort(signal, () => abort(callId, signal))
        const call: Call = {
          callId,
          server,
          carrier: server,
          work,
          terms,
          bookedAt: now,
          activeAt: now,
          delivered: 'no',
          timer: undefined,
          awaited: 0,
          ignoreSignal,
          resolve,
          reject,
        }
        arm(call)
        book(call)
      })
      return { callId, promise }
    },
    hand(callId, carrier) {
      const call = calls.get(callId)
      if (call) call.carrier = carrier
    },
    work: (callId) => calls.get(callId)?.work,
    sent(callId) {
      const call = calls.get(callId)
      if (call) call.delivered = 'maybe'
    },
    unsent(callId) {
      const call = calls.get(callId)
      if (!call) return
      call.delivered = 'no'
      call.terms.trace?.unsent()
    },
    progress(callId, progress) {
      const call = calls.get(callId)
      if (!call) return
      call.activeAt = clock.now()
      call.terms.onProgress?.(progress)
    },
    terms: (callId) => calls.get(callId)?.terms,
    pause(callId) {
      const call = calls.get(callId)
      if (!call) return () => undefined
      call.awaited++
      return () => {
        call.awaited--
        call.activeAt = clock.now()
        if (calls.get(callId) !== call) return
        clock.clearTimeout(call.timer)
        arm(call)
      }
    },
    succeed(callId, value) {
      const call = close(callId)
      if (!call) return
      call.resolve(value)
      settled?.(report(call))
      call.terms.trace?.settled({ isToolError: (value as { isError?: unknown } | undefined)?.isError === true })
    },
    fail,
    failAll(carrier, of) {
      for (const [callId, call] of calls)
        if (!carrier || actorId(call.carrier) === actorId(carrier)) fail(callId, of(call.delivered))
    },
    counts(server) {
      let queued = 0
      let inFlight = 0
      for (const call of callsOf.get(actorId(server)) ?? []) {
        if (call.delivered === 'no') queued++
        else inFlight++
      }
      return { queued, inFlight }
    },
    list: (server, limit) => [...(callsOf.get(actorId(server)) ?? [])].slice(0, limit).map(booked),
  }
}

function lacked({ delivered }: Call, silent: boolean): string {
  if (delivered === 'no') return 'was not sent'
  return silent ? 'got no answer or progress' : 'got no answer'
}

function booked({ callId, work, bookedAt, delivered }: Call): BookedCall {
  return { callId, work, since: bookedAt, isInFlight: delivered !== 'no' }
}

function mindsSilence({ terms, awaited }: Call): boolean {
  return terms.idleMs > 0 && awaited === 0
}

function phaseOf(call: Call): 'call' | 'queue' {
  return call.delivered === 'no' ? 'queue' : 'call'
}
