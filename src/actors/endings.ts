import { messageOf } from '../errors.js'
import { type ServerIdentity, actorId } from '../messages.js'
import type { EndReport, Transport } from './transport.js'

/**
 * The transports of all servers, and how they end: the last net below the actors. A hard stop returns at once while the
 * process may still need seconds to die: who opens the next transport, or reports a close, waits here.
 */
export interface Endings {
  /** Books a transport before it is started, so that it can be ended whatever becomes of its actor. */
  book(server: ServerIdentity, transport: Transport): void
  /** The end of what the process of the server has written to stderr, secrets masked; empty when there is nothing. */
  lastWords(server: ServerIdentity): string
  /** Ends with force every booked transport of the server, or of all servers. */
  killAll(server?: ServerIdentity): void
  /** Ends a transport with force, in the background. */
  kill(server: ServerIdentity, transport: Transport): void
  /** Ends a transport gracefully. Resolves when nothing of it is left. */
  end(server: ServerIdentity, transport: Transport): Promise<void>
  /** Resolves when no transport of the server, or of any, is being ended. */
  settled(server?: ServerIdentity): Promise<void>
  /** Whether no transport of the server is being ended. */
  isSettled(server: ServerIdentity): boolean
  /** The gentlest step after which the last transport of the server was gone. */
  endedBy(server: ServerIdentity): EndReport['by'] | undefined
  /** Servers whose transport could not be ended. */
  failures(): FailedEnding[]
  /** Why it could not. */
  failure(server: ServerIdentity): string | undefined
  /** Drops how the server ended, once it has; a failure stays. */
  forget(server: ServerIdentity): void
}

export interface FailedEnding {
  readonly of: ServerIdentity
  readonly reason: string
}

export function createEndings(): Endings {
  const living = new Map<Transport, ServerIdentity>()
  /** What is being ended, by actor id. */
  const pending = new Map<string, Set<Promise<void>>>()
  const steps = new Map<string, EndReport['by']>()
  const failures = new Map<string, FailedEnding>()

  function track(of: ServerIdentity, transport: Transport): Promise<void> {
    const id = actorId(of)
    const others = pending.get(id) ?? new Set()
    const ending = transport
      .end()
      .then(
        ({ by }) => void steps.set(id, by),
        (error: unknown) => void failures.set(id, { of, reason: messageOf(error) }),
      )
      .finally(() => {
        others.delete(ending)
        if (others.size === 0) pending.delete(id)
        living.delete(transport)
      })
    pending.set(id, others.add(ending))
    return ending
  }

  function kill(of: ServerIdentity, transport: Transport): void {
    transport.kill()
    void track(of, transport)
  }

  async function settled(of?: ServerIdentity): Promise<void> {
    const endings = of ? [pending.get(actorId(of)) ?? []] : pending.values()
    await Promise.all([...endings].flatMap((ending) => [...ending]))
  }

  return {
    book: (of, transport) => void living.set(transport, of),
    lastWords(only) {
      const last = [...living].findLast(([, of]) => actorId(of) === actorId(only))
      return last?.[0].stderrTail ?? ''
    },
    killAll(only) {
      for (const [transport, of] of [...living]) if (!only || actorId(of) === actorId(only)) kill(of, transport)
    },
    kill,
    end: track,
    settled,
    isSettled: (of) => !pending.has(actorId(of)),
    endedBy: (of) => steps.get(actorId(of)),
    failures: () => [...failures.values()],
    failure: (of) => failures.get(actorId(of))?.reason,
    forget: (of) => void settled(of).then(() => steps.delete(actorId(of))),
  }
}
