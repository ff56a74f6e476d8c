import type { SnapshotFrom } from 'xstate'

import { flatState } from '../../src/machines/server.context.js'
import { type ServerIdentity, actorId } from '../../src/messages.js'
import type { ServerMachine } from '../../src/machines/supervisor.js'
import { simPolicy, simPool } from './sim-entries.js'
import { simNames } from './sim-schedule.js'
import { type World, nameOf } from './sim-world.js'

type ServerSnapshot = SnapshotFrom<ServerMachine>

/** States in which exactly one timer of the machine runs; `failed` runs one while it cools down. */
const timed = new Set(['connecting', 'retrying', 'closing'])
/** States in which every open call is in the queue of the machine. */
const queueing = new Set(['uninitialized', 'idle', 'connecting', 'retrying', 'failed'])
/** States in which no call waits in the queue of the machine. */
const empty = new Set(['idle', 'ready', 'failed'])
const live = new Set(['connecting', 'ready', 'closing'])

const sorted = (names: readonly string[]) => names.toSorted().join(', ')

/** What must hold between any two events, once all promises have settled. */
export function checkWorld(world: World): void {
  const { calls, peers, root, violate } = world
  const { children, context, value } = root.getSnapshot()
  const [known, spawned] = [sorted(Object.keys(context.children)), sorted(Object.keys(children))]
  if (value === 'running' && known !== spawned) violate(`the supervisor knows ${known} and has ${spawned}`)
  for (const { input, isEnding } of peers.living) {
    if (!isEnding && !context.children[actorId(input)]) violate(`${nameOf(input)} is gone and has an open transport`)
  }
  const servers = Object.values(context.children).flatMap((child) => {
    const snapshot = world.actorOf(child)?.getSnapshot()
    if (!snapshot) violate(`${nameOf(child)} has no actor`)
    return snapshot ?? []
  })
  for (const name of simNames) checkSessions(world, name)
  for (const server of servers) {
    checkCalls(world, server)
    checkTransport(world, server)
  }
  checkTimers(world, servers)
  calls.check()
}

/** What holds for the sessions of single calls, whatever the policies before: places are bounded, and so is who waits. */
function checkSessions({ root, calls, leases, ledger, peers, violate }: World, name: string): void {
  const children = Object.values(root.getSnapshot().context.children)
  const isOwn = (of: ServerIdentity) => of.name === name && of.lease !== undefined && !leases.isHeld(of)
  const own = children.filter(isOwn)
  const ending = [...peers.living].map(({ input }) => input).filter(isOwn)
  const used = [...new Set([...own, ...ending].filter(calls.everAt).map(actorId))]
  const standbys = own.filter((child) => child.status === 'present' && !calls.everAt(child))
  const waiting = calls.waiting().filter(({ server }) => server.name === name).length
  if (used.length > simPolicy.maxConcurrency) violate(`${name} has ${used.length} sessions of calls`)
  if (waiting > simPolicy.maxQueue) violate(`${name} lets ${waiting} calls wait for a session`)
  const policy = children.find((child) => child.name === name && child.lease === undefined)?.entry.policy
  const most = typeof policy?.session === 'object' ? simPool : 0
  if (standbys.length > most) violate(`${name} has ${standbys.length} sessions that stand by`)
  const isShared = !policy || policy.session === 'shared'
  if (waiting > 0 && isShared) violate(`${name} is shared, or gone, and lets calls wait for a session`)
  if (waiting > 0 && used.length < simPolicy.maxConcurrency) violate(`${name} lets calls wait beside a free session`)
  const { queued, inFlight } = ledger.counts({ name })
  const open = calls.open().filter(({ server }) => server.name === name && server.lease === undefined)
  if (queued + inFlight !== open.length) violate(`${name} counts ${queued + inFlight} calls of ${open.length}`)
}

function checkCalls(
  { calls, isInFlight, violate }: World,
  { value, context: { queue, attempt, entry, ...of } }: ServerSnapshot,
): void {
  const state = flatState(value)
  const blame = (what: string) => violate(`${nameOf(of)} in ${state}: ${what}`)
  const open = calls.openAt(of)
  const settled = queue.filter((callId) => !open.includes(callId))
  const lost = queueing.has(state) ? open.filter((callId) => !queue.includes(callId)) : []
  if (new Set(queue).size !== queue.length) blame(`a call waits twice: ${queue.join()}`)
  if (settled.length > 0) blame(`settled calls wait: ${settled.join()}`)
  if (empty.has(state) && queue.length > 0) blame(`calls wait: ${queue.join()}`)
  if (lost.length > 0) blame(`open calls are nowhere: ${lost.join()}`)
  if (state === 'idle' && attempt > 0) blame(`begins its next series with attempt ${attempt + 1}`)
  const { maxConcurrency } = entry.policy
  const inFlight = open.filter(isInFlight).length
  const queued = open.length - inFlight
  if (state === 'ready' && inFlight < maxConcurrency && queued > 0) blame(`${queued} calls wait beside a free place`)
  if (inFlight > maxConcurrency) blame(`${inFlight} calls are in flight`)
}

function checkTransport({ calls, isInFlight, peers, time, violate }: World, snapshot: ServerSnapshot): void {
  const { since } = snapshot.context
  const state = flatState(snapshot.value)
  const blame = (what: string) => violate(`${nameOf(snapshot.context)} in ${state}: ${what}`)
  const transports = [...peers.living].filter((peer) => actorId(peer.input) === actorId(snapshot.context))
  const isHeld = transports.some(({ isEnding }) => !isEnding)
  if (isHeld && !live.has(state)) blame('a transport is open and not being ended')
  if (!isHeld && state === 'ready') blame('no transport is open')
  if (state === 'closing' && transports.length === 0) blame('nothing is left to close')
  if (!snapshot.matches({ live: { closing: 'draining' } })) return
  if (time.now() > since + simPolicy.drainTimeoutMs) blame('draining takes too long')
  if (!calls.openAt(snapshot.context).some(isInFlight)) blame('nothing is left to drain')
}

function checkTimers({ machineTimers, violate }: World, servers: readonly ServerSnapshot[]): void {
  const fewest = servers.filter(
    (server) => timed.has(flatState(server.value)) && !server.matches({ live: 'waiting' }),
  ).length
  const most = fewest + servers.filter(({ value }) => value === 'failed').length
  const timers = machineTimers()
  if (timers < fewest || timers > most) violate(`${timers} timers run, expected ${fewest} to ${most}`)
}

/** What must hold when every reload and call has had its time. */
export function checkConverged(world: World): void {
  const { root, violate, openReloads } = world
  for (const reloadId of openReloads) violate(`reload ${reloadId} never settled`)
  const wanted = Object.entries(world.target()).filter(([, variant]) => variant > 0)
  const configured = sorted(wanted.map(([name]) => name))
  const children = Object.values(root.getSnapshot().context.children)
  const supervised = sorted(children.filter(({ lease }) => lease === undefined).map(({ name }) => name))
  if (configured !== supervised) violate(`configured are ${configured}, supervised ${supervised}`)
  for (const child of children) {
    const id = world.actorOf(child)?.getSnapshot().context.entry.id
    const variant = world.target()[child.name]
    if (!id?.endsWith(`.${variant}`)) violate(`${nameOf(child)} has adopted ${id}, configured is variant ${variant}`)
  }
  for (const of of world.leases.closing) violate(`${nameOf(of)} never closed`)
}

/** What must hold after the end. */
export function checkEnd(world: World): void {
  const { calls, peers, root, time, violate, openReloads } = world
  const { status, children, context } = root.getSnapshot()
  if (status !== 'done') violate(`the supervisor is ${status} after its end`)
  if (Object.keys(context.children).length > 0)
    violate(`the supervisor still knows ${Object.keys(context.children).join()}`)
  const active = Object.values(children).filter((child) => child?.getSnapshot().status === 'active')
  if (active.length > 0) violate(`${active.length} servers outlive the supervisor`)
  if (peers.living.size > 0) violate(`${peers.living.size} transports outlive the supervisor`)
  if (time.pending > 0) violate(`${time.pending} timers outlive the supervisor`)
  for (const reloadId of openReloads) violate(`reload ${reloadId} never settled`)
  for (const of of world.leases.closing) violate(`${nameOf(of)} never closed`)
  calls.checkEnd()
}
