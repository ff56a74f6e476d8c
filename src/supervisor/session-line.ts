import type { Handlers } from '../calls/handlers.js'
import type { Ledger } from '../calls/ledger.js'
import { queueFull } from '../calls/queue-full.js'
import type { Policy } from '../config/defaults.js'
import { type SupervisorError, asFailure } from '../errors.js'
import { flatState } from '../machines/server.context.js'
import type { ServerIdentity } from '../messages.js'
import type { Leases } from './leases.js'
import type { Servers } from './servers.js'

/** A booked call that wants a session of its own. */
export interface CallApart {
  readonly callId: number
  /** Settles with the call. */
  readonly promise: Promise<unknown>
  readonly handlers: Handlers | undefined
}

/** The calls of one server that are each answered by a session of their own: some are, the others wait for a place. */
export interface SessionLine {
  /** Gives the call a session, lets it wait, or refuses it when too many wait. */
  enter(call: CallApart): void
  /** The policy is another: sessions stand by as it says, and as many calls are answered. */
  follow(policy: Policy): void
  /** Sessions no longer stand by. Hands out the calls that wait: whoever takes them answers them another way. */
  leave(): number[]
  /** No session of it is left: it may be forgotten, and its places with it. */
  isEmpty(): boolean
}

export interface SessionLineOptions {
  readonly name: string
  readonly policy: Policy
  readonly servers: Pick<Servers, 'actor'>
  readonly ledger: Ledger
  readonly leases: Leases
}

/** States in which a session that stands by is nearer to an answer than a new one. */
const useful: ReadonlySet<string> = new Set(['ready', 'connecting', 'uninitialized', 'idle'])

/** One call and no more: how many may be answered, and wait, is counted here. */
const single: Partial<Policy> = { maxConcurrency: 1, maxQueue: 1 }

export function createSessionLine({ name, policy: first, servers, ledger, leases }: SessionLineOptions): SessionLine {
  const waiting = new Map<number, CallApart>()
  const standbys = new Set<ServerIdentity>()
  let policy = first
  /** Sessions that have a call, or had one and still end. */
  let taken = 0
  let isFilling = false

  const stateOf = (of: ServerIdentity) => {
    const snapshot = servers.actor(of)?.getSnapshot()
    return snapshot ? flatState(snapshot.value) : 'closed'
  }

  function begin(call: CallApart): void {
    const { callId, promise } = call
    const standby = take()
    const session = standby ?? open(call)
    if (!session) return
    taken++
    ledger.hand(callId, session)
    deliver(callId, session)
    promise.then(
      () => {
        if (!standby) replaceFailed()
        end(session)
      },
      () => end(session),
    )
    standBy()
  }

  function open({ callId, handlers }: CallApart): ServerIdentity | undefined {
    try {
      return leases.open(name, handlers && { handlers }, single)
    } catch (error) {
      ledger.fail(callId, asFailure(error as SupervisorError), error)
      return undefined
    }
  }

  /** An event that was sent while the supervisor was at work takes effect right after that: then the actor is there. */
  function deliver(callId: number, session: ServerIdentity): void {
    const actor = servers.actor(session)
    if (actor) actor.send({ type: 'call', callId })
    else queueMicrotask(() => servers.actor(session)?.send({ type: 'call', callId }))
  }

  /** Whoever asked has the answer: a process that could not be ended is told by the report of the supervisor's close. */
  function end(session: ServerIdentity): void {
    const isOver = () => {
      taken--
      beginNext()
    }
    leases.close(session).then(isOver, isOver)
  }

  function beginNext(): void {
    for (const [callId, call] of waiting) {
      if (taken >= policy.maxConcurrency) return
      waiting.delete(callId)
      // One that settled in this turn has not left the line yet.
      if (ledger.work(callId)) begin(call)
    }
  }

  /** The session that is nearest to an answer; it stands by no more. */
  function take(): ServerIdentity | undefined {
    const usable = [...standbys].filter((standby) => useful.has(stateOf(standby)))
    const session = usable.find((standby) => stateOf(standby) === 'ready') ?? usable[0]
    if (session) standbys.delete(session)
    return session
  }

  function standBy(): void {
    const wanted = typeof policy.session === 'object' ? policy.session.pool : 0
    // An opening may be heard by someone who calls at once: the outer loop then fills up.
    if (isFilling) return
    isFilling = true
    while (standbys.size < wanted) standbys.add(leases.open(name, { start: 'eager' }, single))
    isFilling = false
    for (const standby of [...standbys].slice(wanted)) retire(standby)
  }

  /** What stands by with an open circuit has missed that the server can be started again. */
  function replaceFailed(): void {
    for (const standby of standbys) if (stateOf(standby) === 'failed') retire(standby)
    standBy()
  }

  function retire(standby: ServerIdentity): void {
    standbys.delete(standby)
    // As with `end`.
    leases.close(standby).catch(() => undefined)
  }

  return {
    enter(call) {
      const { callId, promise } = call
      if (waiting.size === 0 && taken < policy.maxConcurrency) return begin(call)
      if (waiting.size >= policy.maxQueue) return ledger.fail(callId, queueFull(name, policy.maxQueue))
      waiting.set(callId, call)
      const forget = () => void waiting.delete(callId)
      promise.then(forget, forget)
    },
    follow(next) {
      policy = next
      if (standbys.size > 0 || taken > 0 || policy.start === 'eager') standBy()
      beginNext()
    },
    leave() {
      policy = { ...policy, session: 'shared' }
      standBy()
      const calls = [...waiting.keys()]
      waiting.clear()
      return calls
    },
    isEmpty: () => taken === 0,
  }
}
