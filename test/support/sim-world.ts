import { createActor } from 'xstate'

import { type Endings, createEndings } from '../../src/actors/endings.js'
import { fromConnection } from '../../src/actors/connection.js'
import { createStartSlots } from '../../src/actors/start-slots.js'
import { type Ledger, type LedgerPorts, createLedger } from '../../src/calls/ledger.js'
import { createWishBook } from '../../src/calls/wishes.js'
import { type SupervisorError, asFailure, failure } from '../../src/errors.js'
import { createServerMachine } from '../../src/machines/server.js'
import type { ServerPorts } from '../../src/machines/server.setup.js'
import { type ServerMachine, type SupervisorMachine, createSupervisorMachine } from '../../src/machines/supervisor.js'
import { type ServerIdentity, actorId, serverId } from '../../src/messages.js'
import { createLeases } from '../../src/supervisor/leases.js'
import { type ServerRef, createServers } from '../../src/supervisor/servers.js'
import { type Sessions, createSessions, isApart } from '../../src/supervisor/sessions.js'
import { createCallJudge } from './sim-calls.js'
import { countTimers } from './count-timers.js'
import { digestOf, entryOf, simPolicy } from './sim-entries.js'
import { createStateJudge, lawfulSteps } from './sim-laws.js'
import { createSimLeases } from './sim-leases.js'
import { type SimArguments, type Weather, createPeers, fairWeather, workOf } from './sim-peers.js'
import { type PrepareWeather, simPrepare } from './sim-prepare.js'
import { createReasonJudge } from './sim-reasons.js'
import { watchEqual } from './sim-untouched.js'
import { createVirtualClock } from './virtual-clock.js'

/** What a planted bug may replace. */
export interface Sabotage {
  readonly server?: (machine: ServerMachine) => ServerMachine
  readonly supervisor?: (machine: SupervisorMachine) => SupervisorMachine
  readonly ledger?: (ports: LedgerPorts) => Ledger
  readonly endings?: () => Endings
  readonly connection?: (logic: ServerPorts['connection']) => ServerPorts['connection']
  readonly sessions?: (sessions: Sessions) => Sessions
  /** By what the supervisor tells two entries apart. */
  readonly digest?: (entryId: string) => string
}

export interface WorldOptions {
  readonly sabotage?: Sabotage
  readonly random: () => number
  readonly trace?: (line: string) => void
}

/** How a server or a lease is called in the story. */
export const nameOf = ({ name, lease }: ServerIdentity) => (lease === undefined ? name : `${name}/${lease}`)

/** The real machines, ledger, connections, endings and sessions over simulated servers, with a judge at every seam. */
export function createWorld({ sabotage = {}, random, trace }: WorldOptions) {
  const time = createVirtualClock()
  const machineTime = countTimers(time)
  const begun = time.now()
  const violations: string[] = []
  let step = 0

  const tell = trace && ((line: string) => trace(`${String(time.now() - begun).padStart(6)} ms  ${line}`))
  const violate = (what: string) => {
    violations.push(what)
    tell?.(`VIOLATION: ${what}`)
  }
  const weathers = new Map<string, Weather & { resolution: PrepareWeather }>()
  const weather = (name: string) => {
    const of = weathers.get(name) ?? { ...fairWeather(), resolution: { kind: 'resolved' as const, delayMs: 1 } }
    weathers.set(name, of)
    return of
  }
  const calls = createCallJudge({ now: time.now, step: () => step, violate })
  const reasons = createReasonJudge(violate)
  const echoes = new Map<string, number>()
  const crashes = new Set<string>()
  const openReloads = new Set<number>()
  let reloads = 0
  let target: Readonly<Record<string, number>> = {}

  const booked = (sabotage.ledger ?? createLedger)({
    clock: time,
    withdraw: (of, event) => servers.actor(of)?.send(event),
    settled: ({ callId, failure: of }) => {
      tell?.(`call ${callId} settled: ${of ? `${of.code}, delivered ${of.delivered}: ${of.message}` : 'ok'}`)
      calls.settled(callId, of)
    },
  })
  const ledger: Ledger = {
    ...booked,
    hand(callId, carrier) {
      tell?.(`call ${callId} is handed to ${nameOf(carrier)}`)
      calls.handed(callId, carrier)
      booked.hand(callId, carrier)
    },
  }
  const endings = (sabotage.endings ?? createEndings)()
  const peers = createPeers(time, weather, {
    opened(input) {
      tell?.(`${nameOf(input)}: transport ${input.generation} opened for ${input.entry.id}`)
      const all = [...peers.living].filter((peer) => actorId(peer.input) === actorId(input))
      if (all.length > 1) violate(`${nameOf(input)} has ${all.length} open transports`)
    },
    ended: (input) => tell?.(`${nameOf(input)}: transport ${input.generation} ended`),
    failed(input, of) {
      tell?.(`${nameOf(input)}: ${of.code}: ${of.message}`)
      states.failed(actorId(input), of)
    },
    executed(key, input) {
      tell?.(`${nameOf(input)}: call ${key} runs on transport ${input.generation}`)
      calls.executed(key, input, digestOf(input.entry.id))
    },
    progressed: calls.progressed,
  })

  const connection = fromConnection({
    ledger,
    clock: time,
    endings,
    openSession: peers.openSession,
    slots: createStartSlots(1),
    clientInfo: { name: 'simulation', version: '0' },
    handlers: () => ({}),
    wishes: createWishBook().of,
    transport: peers.transport,
    notice: () => undefined,
  })
  const serverMachine = createServerMachine({
    now: time.now,
    random,
    announce(state, context) {
      const { name, closing } = context
      const id = actorId(context)
      tell?.(`${nameOf(context)} is ${state}`)
      const isUnused = state === 'closing' && closing?.then === 'rest' && states.stateOf(id) === 'ready'
      const inFlight = calls.openAt(context).filter(isInFlight)
      if (isUnused && inFlight.length > 0) violate(`${nameOf(context)} closes as unused with calls in flight`)
      states.announced(id, state)
      reasons.announced(state, context)
      if (state === 'closed') forget(context)
      if (crashes.delete(name)) throw new Error(`a planted bug of ${name}`)
      const timeoutMs = echoes.get(name)
      if (timeoutMs === undefined) return
      echoes.delete(name)
      const echo = () => void submit({ name }, 'call', { answer: 'answer', latencyMs: 5 }, timeoutMs)
      // A real listener hears of it right after the transition. In the middle of one is harder, where one actor has to be right.
      if (context.entry.policy.session === 'shared') echo()
      else queueMicrotask(echo)
    },
    refuse: (callId, of) => ledger.fail(callId, of),
    prepare: simPrepare(
      time,
      ({ name }) => weather(name).resolution,
      (of, why) => {
        states.failed(actorId(of), why)
        reasons.unresolved(of)
      },
    ),
    connection: sabotage.connection?.(connection) ?? connection,
  })
  const states = createStateJudge(simPolicy, lawfulSteps(serverMachine), { now: time.now, violate })

  const supervisorMachine = createSupervisorMachine({
    server: sabotage.server?.(serverMachine) ?? serverMachine,
    crashed(of) {
      tell?.(`${nameOf(of)} crashed`)
      forget(of)
      endings.killAll(of)
      ledger.failAll(of, (delivered) => failure('CONNECTION_LOST', 'a bug', { delivered }))
    },
  })
  const root = createActor(sabotage.supervisor?.(supervisorMachine) ?? supervisorMachine, { clock: machineTime.clock })
  root.on('reload.settled', ({ reloadId }) => {
    tell?.(`reload ${reloadId} settled`)
    if (!openReloads.delete(reloadId)) violate(`reload ${reloadId} settled twice`)
  })
  root.subscribe({ error: (error) => violate(`the supervisor broke: ${String(error)}`) })
  const servers = createServers(root)
  const supervised = createLeases({
    root,
    servers,
    settled: (of) => endings.settled(of).then(() => endings.failure(of)),
    forget: endings.forget,
  })
  const ofCalls = createSessions({ root, servers, ledger, leases: supervised })
  const sessions = sabotage.sessions?.(ofCalls) ?? ofCalls
  const leases = createSimLeases({ leases: supervised, servers, peers, tell, violate })
  root.start()

  function forget(of: ServerIdentity): void {
    states.forget(actorId(of))
    reasons.forget(of)
  }

  function isInFlight(callId: number): boolean {
    const of = calls.calls.get(callId)?.server
    return of ? ledger.list(of, Infinity).some((call) => call.callId === callId && call.isInFlight) : false
  }

  /** The actor of a server that is configured, or of a lease, as callers may use it. */
  function usable(of: ServerIdentity): ServerRef | undefined {
    const { value, context } = root.getSnapshot()
    const isUsable = leases.isUsable(of) ?? context.children[serverId(of.name)]?.status === 'present'
    return value === 'running' && isUsable ? servers.actor(of) : undefined
  }

  function submit(
    of: ServerIdentity,
    type: 'call' | 'connect' | 'probe' | 'restart',
    wish: Omit<SimArguments, 'key'> | 'connect' | 'list',
    timeoutMs: number,
  ): number | undefined {
    const actor = usable(of)
    if (!actor) return undefined
    const abort = new AbortController()
    const isTool = typeof wish === 'object'
    const capMs = timeoutMs + (isTool && wish.answer === 'progress' ? 200 : 0)
    const key = calls.calls.size + 1
    const work = workOf(wish, key)
    const { callId, promise } = ledger.open(of, work, { idleMs: timeoutMs, capMs, signal: abort.signal })
    if (callId !== key) violate(`call ${key} was booked as ${callId}`)
    const isAlone = of.lease === undefined && isApart(servers.find(of).entry.policy, work)
    calls.booked({
      callId,
      server: of,
      kind: isTool ? 'tool' : wish,
      issuedAt: step,
      deadline: time.now() + capMs,
      idleMs: timeoutMs,
      heardAt: time.now(),
      carrier: isAlone ? undefined : of,
      executions: 0,
      settlements: 0,
      abort: () => abort.abort(),
    })
    promise.then(
      (value) => calls.returned(callId, { value }),
      (error: SupervisorError) => calls.returned(callId, { error: asFailure(error) }),
    )
    tell?.(`${type} ${callId} to ${nameOf(of)}${isTool ? `, who will: ${wish.answer}` : ''}, within ${timeoutMs} ms`)
    if (type !== 'call') states.asked(actorId(of), type)
    if (type === 'restart') reasons.restarted(of)
    if (isAlone) sessions.carry(of.name, { callId, promise, handlers: undefined })
    else actor.send({ type, callId })
    return callId
  }

  return {
    time,
    machineTimers: () => machineTime.pending,
    violations,
    calls,
    ledger,
    peers,
    root,
    weather,
    echoes,
    crashes,
    openReloads,
    leases,
    isInFlight,
    target: () => target,
    tell,
    violate,
    actorOf: servers.actor,
    submit,
    nextStep: () => void step++,

    /** Makes the configured servers those of `wanted`, name to variant of the entry. */
    reload(wanted: Readonly<Record<string, number>>): void {
      if (root.getSnapshot().value !== 'running') return
      const reloadId = ++reloads
      target = wanted
      openReloads.add(reloadId)
      const present = Object.entries(wanted).filter(([, variant]) => variant > 0)
      const entries = present.map(([name, variant]) => ({ name, entry: entryOf(name, variant, reloadId) }))
      const inForce = Object.values(root.getSnapshot().context.children)
      const digest = sabotage.digest ?? digestOf
      const digests = Object.fromEntries([...entries, ...inForce].map(({ entry: { id } }) => [id, digest(id)]))
      const touched = watchEqual({ root, servers }, entries)
      for (const name of Object.keys(wanted)) {
        const entry = entries.find((server) => server.name === name)?.entry
        calls.configured(name, entry && digestOf(entry.id))
      }
      tell?.(`reload ${reloadId}: ${entries.map(({ entry }) => entry.id).join(', ') || 'nothing'}`)
      servers.accept({ raw: {}, servers: new Map(entries.map(({ name }) => [name, { ok: false, message: '' }])) })
      reasons.reloaded()
      root.send({ type: 'reload', reloadId, target: entries, digests })
      for (const of of touched()) violate(`${nameOf(of)} is equal and was touched`)
      sessions.follow()
    },

    close(): void {
      tell?.('close')
      sessions.stop()
      root.send({ type: 'close' })
      for (const call of calls.waiting()) violate(`call ${call.callId} waits for a session after the close`)
    },
  }
}

export type World = ReturnType<typeof createWorld>
