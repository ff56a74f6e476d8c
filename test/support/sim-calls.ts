import type { Failure } from '../../src/errors.js'
import { type ServerIdentity, actorId } from '../../src/messages.js'
import type { SimArguments } from './sim-peers.js'

/** One call of a simulation, from its booking to its end. */
export interface SimCall {
  readonly callId: number
  /** Counts it. */
  readonly server: ServerIdentity
  /** Whose actor has it; undefined while it waits for a session of its own. */
  carrier: ServerIdentity | undefined
  readonly kind: 'connect' | 'list' | 'tool'
  /** The step of the simulation in which it was issued. */
  readonly issuedAt: number
  readonly deadline: number
  /** How long its caller bears silence. */
  readonly idleMs: number
  /** When it was booked, or told progress last. */
  heardAt: number
  readonly abort: () => void
  executions: number
  /** As the ledger told it. */
  settlements: number
  /** As its caller saw it. */
  outcome?: { readonly value: unknown } | { readonly error: Failure }
}

/** The one configuration that was current for a server from a step on. */
interface Reign {
  /** Undefined while the server is not configured. */
  readonly digest: string | undefined
  readonly since: number
}

/** Judges every call: settles once and in time, runs at most once, at the right server, and says honestly how far it got. */
export function createCallJudge({
  now,
  step,
  violate,
}: {
  now(): number
  step(): number
  violate(what: string): void
}) {
  const calls = new Map<number, SimCall>()
  const reigns = new Map<string, Reign[]>()
  const open = new Set<SimCall>()

  const nameOf = ({ callId, server }: SimCall) => `call ${callId} to ${actorId(server)}`
  const isAt = ({ carrier }: SimCall, of: ServerIdentity) => carrier !== undefined && actorId(carrier) === actorId(of)

  return {
    /** All calls, in order of their booking. */
    calls,
    /** The open calls that an actor carries. */
    openAt: (of: ServerIdentity) => [...open].filter((call) => isAt(call, of)).map(({ callId }) => callId),
    /** Whether an actor carries a call, or has carried one. */
    everAt: (of: ServerIdentity) => [...calls.values()].some((call) => isAt(call, of)),
    /** The open calls that wait for a session of their own. */
    waiting: () => [...open].filter(({ carrier }) => !carrier),
    open: (): readonly SimCall[] => [...open],

    booked(call: SimCall): void {
      calls.set(call.callId, call)
      open.add(call)
    },

    /** From now on the server is configured like that. */
    configured(server: string, digest: string | undefined): void {
      const past = reigns.get(server) ?? []
      if (past.at(-1)?.digest !== digest) reigns.set(server, [...past, { digest, since: step() }])
    },

    handed(callId: number, carrier: ServerIdentity): void {
      const call = calls.get(callId)
      if (!call) return violate(`an unknown call ${callId} was handed over`)
      const others = [...calls.values()].filter((other) => other !== call && isAt(other, carrier))
      if (carrier.lease !== undefined && others.length > 0) violate(`${nameOf(call)} shares a session of its own`)
      call.carrier = carrier
    },

    executed(callId: number, by: ServerIdentity, digest: string): void {
      const call = calls.get(callId)
      if (!call) return violate(`an unknown call ${callId} was executed`)
      if (++call.executions > 1) violate(`${nameOf(call)} was executed ${call.executions} times`)
      if (!isAt(call, by)) violate(`${nameOf(call)} was executed by ${actorId(by)}`)
      const history = reigns.get(by.name) ?? []
      const isCurrent = history.some(
        (reign, index) => reign.digest === digest && (history[index + 1]?.since ?? Infinity) > call.issuedAt,
      )
      if (!isCurrent) violate(`${nameOf(call)} was executed under ${digest}, which was replaced before it was issued`)
    },

    progressed(callId: number): void {
      const call = calls.get(callId)
      if (call) call.heardAt = now()
    },

    settled(callId: number, failure: Failure | undefined): void {
      const call = calls.get(callId)
      if (!call) return violate(`an unknown call ${callId} settled`)
      open.delete(call)
      if (++call.settlements > 1) violate(`${nameOf(call)} settled ${call.settlements} times`)
      if (now() > call.deadline) violate(`${nameOf(call)} settled ${now() - call.deadline} ms after its deadline`)
      const { executions, idleMs, heardAt } = call
      if (call.kind === 'list') return
      if (failure?.code === 'CALL_TIMEOUT' && now() < Math.min(heardAt + idleMs, call.deadline))
        violate(`${nameOf(call)} expired before its time`)
      if (!failure && call.kind === 'tool' && executions !== 1) violate(`${nameOf(call)} succeeded but did not run`)
      if (failure?.delivered === 'no' && executions > 0)
        violate(`${nameOf(call)} ran and says delivered "no": ${failure.code}`)
      if (failure && failure.delivered !== 'no' && executions === 0) {
        violate(`${nameOf(call)} never left and says delivered "${failure.delivered}": ${failure.code}`)
      }
    },

    /** The promise of a call settled. */
    returned(callId: number, outcome: NonNullable<SimCall['outcome']>): void {
      const call = calls.get(callId)
      if (!call || call.outcome) return violate(`the promise of call ${callId} settled out of turn`)
      call.outcome = outcome
      if (call.settlements === 0) violate(`${nameOf(call)} returned before it settled`)
      if ('error' in outcome || call.kind !== 'tool') return
      const { key } = (outcome.value as { structuredContent: Pick<SimArguments, 'key'> }).structuredContent
      if (key !== callId) violate(`${nameOf(call)} got the answer of call ${key}`)
    },

    /** After each step. */
    check(): void {
      for (const call of open) if (now() > call.deadline) violate(`${nameOf(call)} is open after its deadline`)
    },

    /** After the end. */
    checkEnd(): void {
      for (const call of open) violate(`${nameOf(call)} never settled`)
      for (const call of calls.values())
        if (!call.outcome && call.settlements > 0) violate(`${nameOf(call)} never returned`)
    },
  }
}
