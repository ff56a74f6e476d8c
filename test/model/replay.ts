import { type AnyTransitionDefinition, createActor, fromCallback, setup } from 'xstate'

import { createServerMachine } from '../../src/machines/server.js'
import type { ServerCommand, ServerEvent } from '../../src/machines/server.events.js'
import type { ServerMachine } from '../../src/machines/supervisor.js'
import type { ConnectionCommand, ConnectionInput, PrepareInput } from '../../src/messages.js'
import { createVirtualClock } from '../support/virtual-clock.js'
import { type ServerSnapshot, commands, modelInput } from './server-model.js'

/** One life of a real server actor under a parent, on virtual time, that is led along a path. */
export interface Life {
  perform(event: ServerEvent): void
  snapshot(): ServerSnapshot
  end(): void
}

/** Lives of one machine, and the transitions that any of them has taken. */
export function createReplay(): { machine: ServerMachine; taken: ReadonlySet<AnyTransitionDefinition>; begin(): Life } {
  const taken = new Set<AnyTransitionDefinition>()
  let clock = createVirtualClock()
  /** The actor that reports at this time: one that resolves the entry, or one that holds the connection. */
  let report: (event: ServerEvent) => void = () => undefined

  const listen = (sendBack: (event: ServerEvent) => void) => {
    report = sendBack
    return () => void (report = () => undefined)
  }
  const machine = createServerMachine({
    now: () => clock.now(),
    random: () => 0,
    announce: () => undefined,
    refuse: () => undefined,
    prepare: fromCallback<{ type: string }, PrepareInput>(({ sendBack }) => listen(sendBack)),
    connection: fromCallback<ConnectionCommand, ConnectionInput>(({ sendBack }) => listen(sendBack)),
  })
  const parentMachine = setup({ actors: { server: machine } }).createMachine({
    invoke: { id: 'server', src: 'server', input: modelInput },
  })

  return {
    machine,
    taken,
    begin() {
      clock = createVirtualClock()
      const parent = createActor(parentMachine, {
        clock,
        inspect(event) {
          if (event.type === '@xstate.microstep') for (const transition of event._transitions) taken.add(transition)
        },
      })
      parent.start()
      const server = parent.getSnapshot().children['server']
      if (!server) throw new Error('the server was not started')
      return {
        perform(event) {
          if (event.type.startsWith('xstate.after.')) clock.fireNext(Infinity)
          else if (commands.includes(event as ServerCommand)) server.send(event)
          else report(event)
        },
        snapshot: () => server.getSnapshot() as ServerSnapshot,
        end: () => void parent.stop(),
      }
    },
  }
}
