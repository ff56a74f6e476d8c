import type { AnyActorRef, AnyMachineSnapshot } from 'xstate'

/**
 * An action that takes every child that is done out of the snapshot, in one copy.
 *
 * `stopChild` copies the map of children for each: a thousand that end together take seconds. A child that is done has
 * stopped by itself, so nothing is left but to drop it. This has the form of XState's own actions, which is not
 * documented; `test/machines/supervisor.test.ts` sees when it changes.
 */
export function reap(): () => void {
  const resolve = (_scope: unknown, snapshot: AnyMachineSnapshot) => {
    const children = Object.entries<AnyActorRef>(snapshot.children).filter(([, child]) => !isDone(child))
    return [{ ...snapshot, children: Object.fromEntries(children) }]
  }
  return Object.assign(() => undefined, { type: 'reap', resolve })
}

/** Whether an actor has come to its end by itself. */
export function isDone(actor: AnyActorRef | undefined): boolean {
  return actor?.getSnapshot().status === 'done'
}
