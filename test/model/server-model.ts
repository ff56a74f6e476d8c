import { type SnapshotFrom, fromCallback } from 'xstate'

import { type Failure, failure } from '../../src/errors.js'
import { createServerMachine } from '../../src/machines/server.js'
import type { ServerInput } from '../../src/machines/server.context.js'
import type { ServerCommand, ServerEvent } from '../../src/machines/server.events.js'
import type { ServerPorts } from '../../src/machines/server.setup.js'
import type { ServerMachine } from '../../src/machines/supervisor.js'
import type { ConnectionReport } from '../../src/messages.js'
import { entryOf } from '../support/server-bench.js'

export type ServerSnapshot = SnapshotFrom<ServerMachine>

/** Budgets of one, so that each is used up soon; periods without end, so that no state depends on the time. */
const policy = { retries: 1, maxRestarts: 1, maxQueue: 1, restartPeriodMs: 1e9, stableAfterMs: 1e9 }

export const modelInput: ServerInput = { name: 'a', entry: entryOf(policy) }

/** The machine on which paths are planned: it has no parent, runs no action but assigns, and time stands still. */
export function plannedMachine(): ServerMachine {
  const inert = fromCallback(() => undefined) as unknown as ServerPorts['prepare'] & ServerPorts['connection']
  return createServerMachine({
    now: () => 0,
    random: () => 0,
    announce: () => undefined,
    refuse: () => undefined,
    prepare: inert,
    connection: inert,
  }).provide({ actions: { reportAdopted: () => undefined } })
}

const passing = failure('CONNECTION_LOST', 'the process ended')
const lasting = failure('HANDSHAKE_FAILED', 'not a server')
const invalid = failure('CONFIG_INVALID', 'not an entry')
const lost = (of: Failure, unsent: readonly number[] = []): ConnectionReport => ({
  type: 'connection.lost',
  failure: of,
  unsent,
})

export const commands: readonly ServerCommand[] = [
  { type: 'call', callId: 1 },
  { type: 'call', callId: 2 },
  { type: 'connect', callId: 3 },
  { type: 'probe', callId: 6 },
  { type: 'restart', callId: 4 },
  { type: 'cancel', callId: 1 },
  { type: 'queue.expired', callId: 1 },
  { type: 'reconfigure', entry: entryOf(policy, 'a#2') },
  { type: 'reconfigure', entry: entryOf({ ...policy, start: 'eager' }, 'a#3') },
  { type: 'reconfigure', entry: entryOf(policy, 'a#4', { invalid }) },
  { type: 'stop', reason: 'shutdown' },
  { type: 'stop', reason: 'removed' },
  { type: 'stop', reason: 'halted' },
  { type: 'stop', reason: 'released' },
]

const reports: readonly Exclude<ServerEvent, ServerCommand>[] = [
  { type: 'entry.resolved' },
  { type: 'entry.unresolved', failure: failure('CONFIG_UNRESOLVED', 'a placeholder has no value') },
  { type: 'connection.waiting' },
  { type: 'connection.admitted' },
  { type: 'connection.up', protocolVersion: '2025-11-25', tools: 1 },
  { type: 'connection.failed', failure: passing },
  { type: 'connection.failed', failure: lasting },
  lost(passing),
  lost(passing, [5]),
  lost(lasting),
  { type: 'connection.drained', unsent: [] },
  { type: 'connection.closed', unsent: [] },
  { type: 'connection.unused' },
  { type: 'tools.listed', tools: 2 },
]

/** Everything that can happen to a server: commands, reports, and the end of each delay. */
export function allEvents(machine: ServerMachine): ServerEvent[] {
  const delays = machine.events.filter((type) => String(type).startsWith('xstate.after.'))
  return [...commands, ...reports, ...delays.map((type) => ({ type }) as unknown as ServerEvent)]
}

/** A call has one id and waits once; only those report who are there; only a delay that began can end. */
export function isPossible(snapshot: ServerSnapshot, event: ServerEvent): boolean {
  const { queue } = snapshot.context
  const [kind = ''] = event.type.split('.')
  if (snapshot.status !== 'active') return false
  if (kind === 'xstate') return snapshot._nodes.some(({ id }) => event.type.endsWith(`.${id}`))
  if (kind === 'entry') return snapshot.matches('uninitialized')
  if (kind === 'connection' || kind === 'tools')
    return snapshot.matches('live') && unsentOf(event).every((id) => !queue.includes(id))
  if (['call', 'connect', 'probe', 'restart'].includes(kind))
    return !('callId' in event && queue.includes(event.callId))
  return true
}

const unsentOf = (event: ServerEvent) => ('unsent' in event ? event.unsent : [])

/** What tells two states of a server apart, as far as the future is concerned. */
export function keyOf({ value, context }: ServerSnapshot): string {
  const { entry, nextEntry, closing, queue, attempt, restartTimes, error } = context
  const waiting = queue.length === 0 ? 'none' : queue.join() === '1' ? 'one' : 'several'
  const restarts = Math.min(restartTimes.length, policy.maxRestarts + 1)
  return JSON.stringify([value, entry.id, nextEntry?.id, closing?.then, waiting, attempt, restarts, error?.code])
}
