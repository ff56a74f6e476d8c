import { flatState } from '../../src/machines/server.context.js'
import { serverId } from '../../src/machines/reload.js'
import { simPolicy } from './sim-entries.js'
import type { World } from './sim-world.js'

/** States in which exactly one timer of the machine runs; `failed` runs one while it cools down. */
const timed = new Set(['connecting', 'retrying', 'closing'])
/** States in which every open call is in the queue of the machine. */
const queueing = new Set(['uninitialized', 'idle', 'connecting', 'retrying', 'failed'])
const empty = new Set(['idle', 'ready', 'failed'])

/** What must hold between any two events, once all promises have settled. */
export function checkWorld(world: World): void {
  const { calls, ledger, peers, root, time, violate } = world
  const { children, context, value } = root.getSnapshot()
  calls.check()
  let fewestTimers = 0
  let mostTimers = 0
  if (
    value === 'running' &&
    Object.keys(children).toSorted().join() !== Object.keys(context.children).toSorted().join()
  ) {
    violate(`the supervisor knows ${Object.keys(context.children).join()} and has ${Object.keys(children).join()}`)
  }
  for (const { name } of Object.values(context.children)) {
    const actor = world.actorOf(name)
    if (!actor) return violate(`${name} has no actor`)
    const snapshot = actor.getSnapshot()
    const { queue } = snapshot.context
    const state = flatState(snapshot.value)
    const blame = (what: string) => violate(`${name} in ${state}: ${what}`)
    const isTimed = timed.has(state) && !snapshot.matches({ live: 'waiting' })
    if (isTimed) fewestTimers++
    if (isTimed || state === 'failed') mostTimers++

    const open = calls.openOf(name)
    if (new Set(queue).size !== queue.length) blame(`a call waits twice: ${queue.join()}`)
    const settled = queue.filter((callId) => !open.includes(callId))
    if (settled.length > 0) blame(`settled calls wait: ${settled.join()}`)
    if (empty.has(state) && queue.length > 0) blame(`calls wait: ${queue.join()}`)
    const lost = queueing.has(state) ? open.filter((callId) => !queue.includes(callId)) : []
    if (lost.length > 0) blame(`open calls are nowhere: ${lost.join()}`)
    const { queued, inFlight } = ledger.counts(name)
    if (state === 'ready' && inFlight < simPolicy.maxConcurrency && queued > 0)
      blame(`${queued} calls wait beside a free place`)
    if (inFlight > simPolicy.maxConcurrency) blame(`${inFlight} calls are in flight`)
    const hasTransport = [...peers.living].some((peer) => peer.input.name === name)
    const isDraining = snapshot.matches({ live: { closing: 'draining' } })
    if (isDraining && time.now() > snapshot.context.since + simPolicy.drainTimeoutMs) blame('draining takes too long')
    if (isDraining && inFlight === 0) blame('nothing is left to drain')
    if (state === 'closing' && !hasTransport) blame('nothing is left to close')
    const hasLiveTransport = [...peers.living].some((peer) => peer.input.name === name && !peer.isEnding)
    if (hasLiveTransport && !['connecting', 'ready', 'closing'].includes(state))
      blame('a transport is open and not being ended')
    if (!hasLiveTransport && state === 'ready') blame('no transport is open')
  }
  for (const { input, isEnding } of peers.living) {
    if (!isEnding && !context.children[serverId(input.name)]) violate(`${input.name} is gone and has an open transport`)
  }
  const timers = world.machineTimers()
  if (timers < fewestTimers || timers > mostTimers)
    violate(`${timers} timers run, expected ${fewestTimers} to ${mostTimers}`)
}

/** What must hold when every reload and call has had its time. */
export function checkConverged(world: World): void {
  const { root, violate, openReloads } = world
  for (const reloadId of openReloads) violate(`reload ${reloadId} never settled`)
  const wanted = Object.entries(world.target()).filter(([, variant]) => variant > 0)
  const children = Object.values(root.getSnapshot().context.children).map(({ name }) => name)
  if (
    wanted
      .map(([name]) => name)
      .toSorted()
      .join() !== children.toSorted().join()
  ) {
    violate(`configured are ${wanted.map(([name]) => name).join()}, supervised ${children.join()}`)
  }
  for (const [name, variant] of wanted) {
    const id = world.actorOf(name)?.getSnapshot().context.entry.id
    if (!id?.endsWith(`.${variant}`)) violate(`${name} has adopted ${id}, configured is variant ${variant}`)
  }
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
  calls.checkEnd()
}
