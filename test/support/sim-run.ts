import { flatState } from '../../src/machines/server.context.js'
import { type ServerIdentity, serverId } from '../../src/messages.js'
import type { SimCall } from './sim-calls.js'
import { checkConverged, checkEnd, checkWorld } from './sim-checks.js'
import { type Peer, failureOfKind, fairWeather } from './sim-peers.js'
import { seededRandom } from './sim-random.js'
import {
  type Command,
  type Schedule,
  answers,
  endings,
  losses,
  openings,
  resolutions,
  simNames,
} from './sim-schedule.js'
import { type Sabotage, type World, createWorld, nameOf } from './sim-world.js'

export interface SimulationOptions {
  readonly sabotage?: Sabotage
  readonly trace?: (line: string) => void
}

/** Runs a schedule on a fresh supervisor. Throws the first violation of an invariant. */
export async function simulate(schedule: Schedule, options: SimulationOptions = {}): Promise<void> {
  const world = createWorld({ ...options, random: seededRandom(schedule.commands.length) })
  world.reload({ alpha: 1, beta: 2, gamma: 3 })
  await settle(world)
  for (const command of schedule.commands) {
    if (command.type === 'advance') await advance(world, command.ms)
    else perform(world, command)
    await settle(world)
  }
  if (schedule.heals) await heal(world)
  world.close()
  await advance(world, 10_000)
  checkEnd(world)
  judge(world)
}

/** Lets every promise settle that can, then checks what must hold. */
async function settle(world: World): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  checkWorld(world)
  judge(world)
  world.nextStep()
}

function judge({ violations }: World): void {
  if (violations.length > 0) throw new Error(violations.join('\n'))
}

async function advance(world: World, ms: number): Promise<void> {
  await settle(world)
  const end = world.time.now() + ms
  while (world.time.fireNext(end)) await settle(world)
}

function perform(world: World, command: Exclude<Command, { type: 'advance' }>): void {
  if (command.type === 'reload') return world.reload({ alpha: command.alpha, beta: command.beta, gamma: command.gamma })
  if (command.type === 'abort') return abort(world, command.nth)
  if ('nth' in command) return performLeased(world, command)
  const name = simNames[command.server] ?? simNames[0]
  switch (command.type) {
    case 'call':
      return call(world, { name }, command)
    case 'crowd':
      for (let n = 0; n < 4; n++) call(world, { name }, command)
      return
    case 'list':
      return void world.submit({ name }, 'call', 'list', command.timeoutMs)
    case 'connect':
    case 'probe':
    case 'restart':
      return void world.submit({ name }, command.type, 'connect', command.timeoutMs)
    case 'lose':
      return peerOf(world, name)?.lose(failureOfKind(losses[command.loss] ?? 'ended'))
    case 'change':
      return peerOf(world, name)?.change()
    case 'opening':
      world.weather(name).opening = { kind: openings[command.opening] ?? 'up', delayMs: command.delayMs }
      return
    case 'ending':
      world.weather(name).ending = { kind: endings[command.ending] ?? 'prompt', delayMs: command.delayMs }
      return
    case 'resolution':
      world.weather(name).resolution = { kind: resolutions[command.resolution] ?? 'resolved', delayMs: command.delayMs }
      return
    case 'echo':
      return void world.echoes.set(name, command.timeoutMs)
    case 'crash':
      return void world.crashes.add(name)
    case 'lease':
      return lease(world, name, command.eager === 1 ? 'eager' : 'lazy')
  }
}

function performLeased(world: World, command: Exclude<Extract<Command, { nth: number }>, { type: 'abort' }>): void {
  if (command.type === 'release') return world.leases.close(command.nth)
  const of = world.leases.nth(command.nth)
  if (!of) return
  if (command.type === 'leased') return call(world, of, command)
  world.submit(of, command.type === 'leasedConnect' ? 'connect' : 'restart', 'connect', command.timeoutMs)
}

function lease({ root, leases }: World, name: string, start: 'lazy' | 'eager'): void {
  const { value, context } = root.getSnapshot()
  if (value === 'running' && context.children[serverId(name)]?.status === 'present') leases.open(name, start)
}

/** One of the processes of a server: that of its leases too. */
function peerOf({ peers, time }: World, name: string): Peer | undefined {
  const all = [...peers.living].filter(({ input, isEnding }) => input.name === name && !isEnding)
  return all[time.now() % Math.max(all.length, 1)]
}

type CallCommand = Pick<Extract<Command, { type: 'call' }>, 'answer' | 'latencyMs' | 'timeoutMs'>

function call(world: World, of: ServerIdentity, { answer, latencyMs, timeoutMs }: CallCommand): void {
  const name = nameOf(of)
  const before = world.actorOf(of)?.getSnapshot()
  const callId = world.submit(of, 'call', { answer: answers[answer] ?? 'answer', latencyMs }, timeoutMs)
  const after = world.actorOf(of)?.getSnapshot()
  const isAlone = of.lease === undefined && before?.context.entry.policy.session !== 'shared'
  if (isAlone || callId === undefined || !before || !after) return
  const { queue, entry } = before.context
  const waiting = after.context.queue.length
  if (waiting > Math.max(queue.length, entry.policy.maxQueue)) world.violate(`${name} let ${waiting} calls wait`)
  const isOpen = world.ledger.work(callId) !== undefined
  if (isOpen && flatState(before.value) === 'failed')
    world.violate(`${name} in failed did not refuse call ${callId} at once`)
}

function abort(world: World, nth: number): void {
  const open = world.calls.open()
  const target = open[nth % Math.max(open.length, 1)]
  if (!target) return
  world.tell?.(`abort call ${target.callId}`)
  const before = carrierOf(world, target)
  target.abort()
  const after = carrierOf(world, target)
  if (target.settlements !== 1)
    world.violate(`call ${target.callId} settled ${target.settlements} times when it was aborted`)
  if (!before || !after || flatState(before.value) !== 'connecting') return
  const { queue, entry } = before.context
  const isForNobody = entry.policy.start === 'lazy' && queue.length === 1 && queue[0] === target.callId
  // It may also have broken meanwhile.
  if (flatState(after.value) === (isForNobody ? 'connecting' : 'closing'))
    world.violate(`the attempt for calls ${queue.join()} is ${flatState(after.value)} without one of them`)
}

const carrierOf = (world: World, { carrier }: SimCall) => carrier && world.actorOf(carrier)?.getSnapshot()

/** Ends all faults: every server that is configured and valid must then answer. */
async function heal(world: World): Promise<void> {
  world.tell?.('all faults end')
  world.echoes.clear()
  world.crashes.clear()
  for (const name of simNames) {
    Object.assign(world.weather(name), { ...fairWeather(), resolution: { kind: 'resolved', delayMs: 1 } })
  }
  await advance(world, 8_000)
  checkConverged(world)
  for (const [name, variant] of Object.entries(world.target())) {
    if (variant === 0 || variant === 6) continue
    await recover(world, { name })
    for (const of of world.leases.held) if (of.name === name && world.actorOf(of)) await recover(world, of)
  }
  judge(world)
}

async function recover(world: World, of: ServerIdentity): Promise<void> {
  const snapshot = world.actorOf(of)?.getSnapshot()
  if (snapshot?.value === 'failed' && snapshot.context.error?.retryable === false)
    world.submit(of, 'connect', 'connect', 1_000)
  await advance(world, 1_000)
  const callId = world.submit(of, 'call', { answer: 'answer', latencyMs: 1 }, 1_000)
  await advance(world, 1_000)
  const { outcome } = (callId === undefined ? undefined : world.calls.calls.get(callId)) ?? {}
  if (!outcome || 'error' in outcome)
    world.violate(`${nameOf(of)} did not recover: ${outcome?.error.message ?? 'it was not called'}`)
}
