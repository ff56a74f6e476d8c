import { createActor, fromCallback } from 'xstate'

import type { Failure } from '../../src/errors.js'
import { createServerMachine } from '../../src/machines/server.js'
import { flatState } from '../../src/machines/server.context.js'
import { createSupervisorMachine, serverOf } from '../../src/machines/supervisor.js'
import type { ReloadChanges, ServerStateName } from '../../src/events.js'
import type { ConnectionCommand, ConnectionInput, PrepareInput } from '../../src/messages.js'
import { entryOf } from './server-bench.js'
import { createVirtualClock } from './virtual-clock.js'

/** The real supervisor and server machines on virtual time; connections come up and close at once. */
export function createSupervisorBench(options: { onAnnounce?: (name: string, state: ServerStateName) => void } = {}) {
  const clock = createVirtualClock()
  const crashed: string[] = []
  const rootErrors: unknown[] = []
  const settled: { reloadId: number; changes: ReloadChanges }[] = []
  const refused: { callId: number; failure: Failure }[] = []
  const open = new Map<string, number>()
  const received: { name: string; generation: number; entryId: string; callId: number }[] = []

  const server = createServerMachine({
    now: clock.now,
    random: () => 0.5,
    announce: (state, { name }) => options.onAnnounce?.(name, state),
    refuse: (callId, failure) => void refused.push({ callId, failure }),
    prepare: fromCallback<{ type: string }, PrepareInput>(({ sendBack }) => sendBack({ type: 'entry.resolved' })),
    connection: fromCallback<ConnectionCommand, ConnectionInput>(({ input, receive, sendBack }) => {
      const { name, generation, entry } = input
      open.set(name, (open.get(name) ?? 0) + 1)
      receive((command) => {
        if (command.type === 'call') received.push({ name, generation, entryId: entry.id, callId: command.callId })
        if (command.type === 'drain') sendBack({ type: 'connection.drained', unsent: [] })
        if (command.type === 'terminate') sendBack({ type: 'connection.closed', unsent: [] })
      })
      sendBack({ type: 'connection.up', protocolVersion: '2025-11-25', tools: 1 })
      return () => void open.set(name, (open.get(name) ?? 0) - 1)
    }),
  })
  const root = createActor(createSupervisorMachine({ server, crashed: ({ name }) => void crashed.push(name) }), {
    clock,
  })
  root.subscribe({ error: (error) => void rootErrors.push(error) })
  root.on('reload.settled', (event) => void settled.push({ reloadId: event.reloadId, changes: event.changes }))
  root.start()
  let lastReload = 0

  return {
    clock,
    root,
    crashed,
    rootErrors,
    settled,
    refused,
    received,
    open: (name: string) => open.get(name) ?? 0,
    /** Makes the servers those of `wanted`, name to digest. */
    reload(wanted: Record<string, string>) {
      const reloadId = ++lastReload
      const target = Object.entries(wanted).map(([name]) => ({ name, entry: entryOf({}, `${name}#${reloadId}`) }))
      const digests = Object.fromEntries(
        Object.entries(wanted).map(([name, digest]) => [`${name}#${reloadId}`, digest]),
      )
      Object.assign(known, digests)
      root.send({ type: 'reload', reloadId, target, digests: { ...known } })
      return settled.find((report) => report.reloadId === reloadId)?.changes
    },
    server: (name: string) => serverOf(root.system, { name }),
    state: (name: string) => {
      const actor = serverOf(root.system, { name }) as ReturnType<typeof serverOf> | undefined
      return actor && flatState(actor.getSnapshot().value)
    },
    use: (name: string, callId: number) => serverOf(root.system, { name }).send({ type: 'connect', callId }),
  }
}

const known: Record<string, string> = {}
