import type { EventOf, ServerStateName, Supervisor, SupervisorEvent, SupervisorEventType } from '../../src/index.js'

/** Everything a supervisor told since the watch began. */
export interface Watch {
  readonly events: readonly SupervisorEvent[]
  of<T extends SupervisorEventType>(type: T): EventOf<T>[]
  /** The states that a server entered, in order. */
  states(server: string): ServerStateName[]
  /** The details of what a server did wrong, as one text. */
  violations(server: string): string
}

export function watch(supervisor: Supervisor): Watch {
  const events: SupervisorEvent[] = []
  supervisor.on('*', (event) => void events.push(event))
  const of = <T extends SupervisorEventType>(type: T) =>
    events.filter((event): event is EventOf<T> => event.type === type)
  return {
    events,
    of,
    states: (server) => of('state.changed').flatMap((event) => (event.server === server ? event.to : [])),
    violations: (server) =>
      of('protocol.violated')
        .flatMap((event) => (event.server === server ? event.detail : []))
        .join('\n'),
  }
}
