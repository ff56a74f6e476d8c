import { type ActorRefFrom, assign, createActor, fromCallback, setup } from 'xstate'

import { type Policy, defaultPolicy } from '../../src/config/defaults.js'
import { type Failure, failure } from '../../src/errors.js'
import { createServerMachine } from '../../src/machines/server.js'
import { flatState } from '../../src/machines/server.context.js'
import type { ServerStateName } from '../../src/events.js'
import type { ServerCommand, ServerReport } from '../../src/machines/server.events.js'
import type {
  ConnectionCommand,
  ConnectionInput,
  ConnectionReport,
  EntryRef,
  PrepareInput,
  PrepareReport,
} from '../../src/messages.js'
import { createVirtualClock } from './virtual-clock.js'

export const entryOf = (policy: Partial<Policy> = {}, id = 'a#1', rest: Partial<EntryRef> = {}): EntryRef => ({
  id,
  transport: 'stdio',
  policy: { ...defaultPolicy, randomize: false, ...policy },
  ...rest,
})

/** One fake connection: what it was told, and the means to report as a real one would. */
export interface FakeConnection {
  readonly input: ConnectionInput
  readonly told: ConnectionCommand[]
  report(report: ConnectionReport): void
  isStopped: boolean
}

/**
 * A real server machine under a tiny parent, on virtual time, with fake actors in place of the two that do I/O.
 * Entries resolve at once unless `unresolved` says why not.
 */
export function createServerBench(entry = entryOf(), options: { unresolved?: Failure } = {}) {
  const clock = createVirtualClock()
  const connections: FakeConnection[] = []
  const refused: { callId: number; failure: Failure }[] = []
  const states: ServerStateName[] = []
  const reports: ServerReport[] = []
  const bench = { unresolved: options.unresolved }

  const machine = createServerMachine({
    now: clock.now,
    random: () => 0.5,
    announce: (state) => void states.push(state),
    refuse: (callId, of) => void refused.push({ callId, failure: of }),
    prepare: fromCallback<{ type: string }, PrepareInput>(({ sendBack }) => {
      const report: PrepareReport = bench.unresolved
        ? { type: 'entry.unresolved', failure: bench.unresolved }
        : { type: 'entry.resolved' }
      sendBack(report)
    }),
    connection: fromCallback<ConnectionCommand, ConnectionInput>(({ input, receive, sendBack }) => {
      const connection: FakeConnection = { input, told: [], report: sendBack, isStopped: false }
      connections.push(connection)
      receive((command) => void connection.told.push(command))
      return () => void (connection.isStopped = true)
    }),
  })

  const parent = createActor(
    setup({
      types: { events: {} as ServerReport, context: {} as { server: ActorRefFrom<typeof machine> } },
      actors: { server: machine },
    }).createMachine({
      context: ({ spawn }) => ({ server: spawn('server', { id: 'server:a', input: { name: 'a', entry } }) }),
      on: { 'server.adopted': { actions: [({ event }) => void reports.push(event), assign({})] } },
    }),
    { clock },
  )
  parent.start()
  const server = parent.getSnapshot().context.server

  return {
    clock,
    connections,
    refused,
    states,
    reports,
    bench,
    machine,
    send: (event: ServerCommand) => server.send(event),
    /** The connection that is open now. */
    connection(): FakeConnection {
      const last = connections.at(-1)
      if (!last) throw new Error('no connection was opened')
      return last
    },
    state: () => flatState(server.getSnapshot().value),
    context: () => server.getSnapshot().context,
    status: () => server.getSnapshot().status,
    stop: () => parent.stop(),
  }
}

export type ServerBench = ReturnType<typeof createServerBench>

export const up: ConnectionReport = { type: 'connection.up', protocolVersion: '2025-11-25', tools: 2, pid: 4711 }
export const lost = (unsent: number[] = [], extra: Partial<Failure> = {}): ConnectionReport => ({
  type: 'connection.lost',
  failure: failure('CONNECTION_LOST', 'the process ended', { exitCode: 1, ...extra }),
  unsent,
})
export const refusedConnection = (extra: Partial<Failure> = {}): ConnectionReport => ({
  type: 'connection.failed',
  failure: failure('CONNECTION_LOST', 'the process ended at once', extra),
})

/** A server that has been used once and is ready. */
export function readyServer(policy: Partial<Policy> = {}): ServerBench {
  const bench = createServerBench(entryOf(policy))
  bench.send({ type: 'connect', callId: 1 })
  bench.connection().report(up)
  return bench
}

/** A server whose circuit has just opened because it cannot be connected. */
export function failedServer(policy: Partial<Policy> = {}): ServerBench {
  const bench = createServerBench(entryOf({ retries: 0, ...policy }))
  bench.send({ type: 'connect', callId: 1 })
  bench.connection().report(refusedConnection())
  return bench
}
