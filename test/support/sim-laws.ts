import type { Policy } from '../../src/config/defaults.js'
import type { Failure } from '../../src/errors.js'
import { arrowsOf } from '../../src/machines/chart.js'
import type { ServerStateName } from '../../src/events.js'
import type { ServerMachine } from '../../src/machines/supervisor.js'

const live = ['connecting', 'ready', 'closing'] as const
/** States in which a probe makes one attempt and no more. */
const atRest: ReadonlySet<ServerStateName | null> = new Set<ServerStateName>(['uninitialized', 'idle', 'failed'])
const withoutConnection = ['uninitialized', 'idle', 'timedOut', 'retrying', 'failed'] as const

/** The states that the published chart lets follow each other, as `from to`. */
export function lawfulSteps(machine: ServerMachine): ReadonlySet<string> {
  const arrows = arrowsOf(machine)
  const leaving: Record<string, readonly string[]> = {
    any: withoutConnection,
    live,
    draining: ['closing'],
    terminating: ['closing'],
    ended: ['closing'],
  }
  const entered = (state: string): string[] => {
    if (state === 'live') return ['connecting']
    if (state === 'draining' || state === 'terminating') return ['closing']
    return state === 'ended' ? arrows.filter(({ from }) => from === 'ended').map(({ to }) => to) : [state]
  }
  return new Set(
    arrows.flatMap(({ from, to }) => (leaving[from] ?? [from]).flatMap((a) => entered(to).map((b) => `${a} ${b}`))),
  )
}

/** What the judge remembers of one server. */
function freshRecord() {
  return {
    state: null as ServerStateName | null,
    attempts: 0,
    failures: 0,
    trips: 0,
    losses: [] as number[],
    readySince: 0,
    /** The earliest time at which the machine may try again by itself. */
    notBefore: 0,
    /** A caller asked for a connection since the last failure. */
    isAsked: false,
    /** A caller asked for one attempt and no more. */
    isProbed: false,
    cause: undefined as Failure | undefined,
  }
}

/** Judges the states that servers announce: a path of the chart, patient, with the attempts and restarts that the policy allows and no fewer. */
export function createStateJudge(
  policy: Policy,
  steps: ReadonlySet<string>,
  { now, violate }: { now(): number; violate(what: string): void },
) {
  const records = new Map<string, ReturnType<typeof freshRecord>>()
  const recordOf = (name: string) => {
    const record = records.get(name) ?? freshRecord()
    records.set(name, record)
    return record
  }

  /** The shortest lawful back-off after `n` failures: jitter takes away a quarter at most. */
  const backoff = (n: number) =>
    Math.floor(0.75 * Math.min(policy.minTimeoutMs * policy.factor ** (n - 1), policy.maxTimeoutMs))

  return {
    stateOf: (name: string) => records.get(name)?.state ?? null,
    /** The server is spawned anew, or gone. */
    forget: (name: string) => void records.delete(name),
    /** A caller asks for a connection, or for one attempt at it. */
    asked(name: string, how: 'connect' | 'probe' | 'restart'): void {
      const of = recordOf(name)
      of.isAsked = of.state === 'retrying' || of.state === 'failed'
      // Whoever waits with a probe for the entry to be resolved has the one attempt, too.
      if (of.state !== 'uninitialized' || how === 'probe') of.isProbed = how === 'probe' && atRest.has(of.state)
    },
    failed: (name: string, of: Failure) => void (recordOf(name).cause = of),

    announced(name: string, state: ServerStateName): void {
      const of = recordOf(name)
      const { state: from, isAsked } = of
      of.state = state
      const blame = (what: string) => violate(`${name} ${what} (${from} → ${state})`)
      if (from === null ? state !== 'uninitialized' : !steps.has(`${from} ${state}`))
        blame('took a step that is not in the chart')
      if (from === 'closing' && state === 'idle') of.attempts = 0
      if (state === 'uninitialized' || (from === 'failed' && isAsked)) {
        Object.assign(of, { attempts: 0, failures: 0, trips: 0, losses: [], isAsked: false })
      }
      // Whoever asked may have given it up before it began.
      if (state === 'uninitialized' || state === 'idle') of.isProbed = false

      const isLoss = from === 'ready' && (state === 'retrying' || state === 'failed')
      if (isLoss) {
        const isStable = now() - of.readySince >= policy.stableAfterMs
        if (isStable) Object.assign(of, { failures: 0, trips: 0 })
        of.losses = [...of.losses.filter((at) => now() - at < policy.restartPeriodMs), now()]
      }
      if (isLoss || (from === 'connecting' && (state === 'timedOut' || state === 'retrying' || state === 'failed')))
        of.failures++
      if (state === 'timedOut') of.cause = undefined

      if (state === 'connecting') {
        if (from === 'retrying' && !isAsked && now() < of.notBefore)
          blame(`tried again ${of.notBefore - now()} ms too early`)
        if (from === 'failed' && !isAsked) {
          if (now() < of.notBefore) blame(`probed ${of.notBefore - now()} ms too early`)
          if (of.cause && !of.cause.retryable) blame('probed after a failure that waiting cannot mend')
          of.attempts = policy.retries
        }
        if (of.isProbed) of.attempts = policy.retries
        of.isProbed = false
        of.isAsked = false
        of.cause = undefined
        if (++of.attempts > policy.retries + 1) blame(`made attempt ${of.attempts} of ${policy.retries + 1}`)
      }
      if (state === 'ready') Object.assign(of, { attempts: 0, readySince: now() })
      if (state === 'retrying') {
        if (of.cause && !of.cause.retryable) blame('retries a failure that waiting cannot mend')
        if (of.attempts > policy.retries)
          blame(`has made attempt ${of.attempts} of ${policy.retries + 1} and wants another`)
        if (isLoss && of.losses.length > policy.maxRestarts)
          blame(`restarted ${of.losses.length} times within the period`)
        const wait = of.attempts > 0 ? backoff(of.failures) : of.failures > 1 ? backoff(of.failures - 1) : 0
        of.notBefore = now() + Math.max(wait, of.cause?.retryAfterMs ?? 0)
        of.isAsked = false
      }
      if (state === 'failed') {
        const mayGoOn = of.cause?.retryable !== false
        if (mayGoOn && isLoss && of.losses.length <= policy.maxRestarts)
          blame(`gave up after ${of.losses.length} of ${policy.maxRestarts} restarts`)
        if (mayGoOn && (from === 'connecting' || from === 'timedOut') && of.attempts <= policy.retries)
          blame(`gave up after attempt ${of.attempts} of ${policy.retries + 1}`)
        of.trips++
        of.notBefore =
          now() + Math.max(policy.cooldownMs * Math.min(2 ** (of.trips - 1), 10), of.cause?.retryAfterMs ?? 0)
        of.isAsked = false
      }
    },
  }
}
