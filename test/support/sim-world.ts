import { type ActorRefFrom, createActor } from 'xstate'

import { type Endings, createEndings } from '../../src/actors/endings.js'
import { fromConnection } from '../../src/actors/connection.js'
import { createStartSlots } from '../../src/actors/start-slots.js'
import { type Ledger, type LedgerPorts, type Work, createLedger } from '../../src/calls/ledger.js'
import { type SupervisorError, asFailure, failure } from '../../src/errors.js'
import { type ServerIdentity, serverId } from '../../src/messages.js'

import { createServerMachine } from '../../src/machines/server.js'
import type { ServerPorts } from '../../src/machines/server.setup.js'
import { type ServerMachine, type SupervisorMachine, createSupervisorMachine } from '../../src/machines/supervisor.js'
import { createCallJudge } from './sim-calls.js'
import { countTimers, createSimClock } from './sim-clock.js'
import { digestOf, entryOf, simPolicy } from './sim-entries.js'
import { createStateJudge, lawfulSteps } from './sim-laws.js'
import { type SimArguments, type Weather, createPeers, fairWeather } from './sim-peers.js'
import { type PrepareWeather, simPrepare } from './sim-prepare.js'

/** What a planted bug may replace. */
export interface Sabotage {
  readonly server?: (machine: ServerMachine) => ServerMachine
  readonly supervisor?: (machine: SupervisorMachine) => SupervisorMachine
  readonly ledger?: (ports: LedgerPorts) => Ledger
  readonly endings?: () => Endings
  readonly connection?: (logic: ServerPorts['connection']) => ServerPorts['connection']
}

export interface WorldOptions {
  readonly sabotage?: Sabotage
  readonly random: () => number
  readonly trace?: (line: string) => void
}

/** The real machines, ledger, connections and endings over simulated servers, with a judge at every seam. */
export function createWorld({ sabotage = {}, random, trace }: WorldOptions) {
  const time = createSimClock()
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
  const echoes = new Map<string, number>()
  const crashes = new Set<string>()
  const openReloads = new Set<number>()
  let reloads = 0
  let target: Readonly<Record<string, number>> = {}

  const ledger = (sabotage.ledger ?? createLedger)({
    clock: time,
    withdraw: ({ name }, event) => actorOf(name)?.send(event),
    settled: ({ callId, failure: of }) => {
      tell?.(`call ${callId} settled: ${of ? `${of.code}, delivered ${of.delivered}: ${of.message}` : 'ok'}`)
      calls.settled(callId, of)
    },
  })
  const endings = (sabotage.endings ?? createEndings)()
  const peers = createPeers(time, weather, {
    opened(input) {
      tell?.(`${input.name}: transport ${input.generation} opened for ${input.entry.id}`)
      const others = [...peers.living].filter((peer) => peer.input.name === input.name)
      if (others.length > 1) violate(`${input.name} has ${others.length} open transports`)
    },
    ended: (input) => tell?.(`${input.name}: transport ${input.generation} ended`),
    failed(name, of) {
      tell?.(`${name}: ${of.code}: ${of.message}`)
      states.failed(name, of)
    },
    executed(key, { name, generation, entry }) {
      tell?.(`${name}: call ${key} runs on transport ${generation}`)
      calls.executed(key, name, digestOf(entry.id))
    },
  })

  const connection = fromConnection({
    ledger,
    clock: time,
    endings,
    openSession: peers.openSession,
    slots: createStartSlots(1),
    clientInfo: { name: 'simulation', version: '0' },
    transport: peers.transport,
    notice: () => undefined,
  })
  const serverMachine = createServerMachine({
    now: time.now,
    random,
    announce(state, { name, closing }) {
      tell?.(`${name} is ${state}`)
      const { inFlight } = ledger.counts({ name })
      const isUnused = state === 'closing' && closing?.then === 'rest' && states.stateOf(name) === 'ready'
      if (isUnused && inFlight > 0) violate(`${name} closes as unused with ${inFlight} calls in flight`)
      states.announced(name, state)
      if (state === 'closed') states.forget(name)
      if (crashes.delete(name)) throw new Error(`a planted bug of ${name}`)
      const timeoutMs = echoes.get(name)
      if (timeoutMs === undefined) return
      echoes.delete(name)
      submit(name, 'call', { answer: 'answer', latencyMs: 5 }, timeoutMs)
    },
    refuse: (callId, of) => ledger.fail(callId, of),
    prepare: simPrepare(
      time,
      (name) => weather(name).resolution,
      (name, of) => states.failed(name, of),
    ),
    connection: sabotage.connection?.(connection) ?? connection,
  })
  const states = createStateJudge(simPolicy, lawfulSteps(serverMachine), { now: time.now, violate })

  const supervisorMachine = createSupervisorMachine({
    server: sabotage.server?.(serverMachine) ?? serverMachine,
    crashed(of: ServerIdentity) {
      const { name } = of
      tell?.(`${name} crashed`)
      states.forget(name)
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
  root.start()

  function actorOf(name: string): ActorRefFrom<ServerMachine> | undefined {
    return root.system.get(serverId(name)) as ActorRefFrom<ServerMachine> | undefined
  }

  /** The actor of a server that is configured, as callers may use it. */
  function configured(name: string): ActorRefFrom<ServerMachine> | undefined {
    const { value, context } = root.getSnapshot()
    return value === 'running' && context.children[serverId(name)]?.status === 'present' ? actorOf(name) : undefined
  }

  function submit(
    name: string,
    type: 'call' | 'connect' | 'probe' | 'restart',
    of: Omit<SimArguments, 'key'> | 'connect' | 'list',
    timeoutMs: number,
  ): number | undefined {
    const actor = configured(name)
    if (!actor) return undefined
    const abort = new AbortController()
    const isTool = typeof of === 'object'
    const capMs = timeoutMs + (isTool && of.answer === 'progress' ? 200 : 0)
    const key = calls.calls.size + 1
    const { callId, promise } = ledger.open({ name }, workOf(of, key), {
      idleMs: timeoutMs,
      capMs,
      signal: abort.signal,
    })
    if (callId !== key) violate(`call ${key} was booked as ${callId}`)
    calls.booked({
      callId,
      server: name,
      kind: isTool ? 'tool' : of,
      issuedAt: step,
      deadline: time.now() + capMs,
      executions: 0,
      settlements: 0,
      abort: () => abort.abort(),
    })
    promise.then(
      (value) => calls.returned(callId, { value }),
      (error: SupervisorError) => calls.returned(callId, { error: asFailure(error) }),
    )
    tell?.(`${type} ${callId} to ${name}${isTool ? `, who will: ${of.answer}` : ''}, within ${timeoutMs} ms`)
    if (type !== 'call') states.asked(name, type)
    actor.send({ type, callId })
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
    target: () => target,
    tell,
    violate,
    actorOf,
    submit,
    nextStep: () => void step++,

    /** Makes the configured servers those of `wanted`, name to variant of the entry. */
    reload(wanted: Readonly<Record<string, number>>): void {
      if (root.getSnapshot().value !== 'running') return
      const reloadId = ++reloads
      target = wanted
      openReloads.add(reloadId)
      const configuredNow = Object.entries(wanted).filter(([, variant]) => variant > 0)
      const servers = configuredNow.map(([name, variant]) => ({ name, entry: entryOf(name, variant, reloadId) }))
      const inForce = Object.values(root.getSnapshot().context.children)
      const digests = Object.fromEntries([...servers, ...inForce].map(({ entry: { id } }) => [id, digestOf(id)]))
      for (const name of Object.keys(wanted)) {
        const entry = servers.find((server) => server.name === name)?.entry
        calls.configured(name, entry && digestOf(entry.id))
      }
      tell?.(`reload ${reloadId}: ${servers.map(({ entry }) => entry.id).join(', ') || 'nothing'}`)
      root.send({ type: 'reload', reloadId, target: servers, digests })
    },

    close(): void {
      tell?.('close')
      root.send({ type: 'close' })
    },
  }
}

export type World = ReturnType<typeof createWorld>

function workOf(of: Omit<SimArguments, 'key'> | 'connect' | 'list', key: number): Work {
  if (of === 'connect') return { kind: 'connect' }
  if (of === 'list') return { kind: 'list', refresh: true }
  return { kind: 'request', method: 'tools/call', params: { name: 'tool', arguments: { key, ...of } } }
}
