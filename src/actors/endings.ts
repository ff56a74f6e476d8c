import type { EndReport, Transport } from './transport.js'

/**
 * The transports of all servers, and how they end: the last net below the actors. A hard stop returns at once while the
 * process may still need seconds to die: who opens the next transport, or reports a close, waits here.
 */
export interface Endings {
  /** Books a transport before it is started, so that it can be ended whatever becomes of its actor. */
  book(server: string, transport: Transport): void
  /** Ends with force every booked transport of the server, or of all servers. */
  killAll(server?: string): void
  /** Ends a transport with force, in the background. */
  kill(server: string, transport: Transport): void
  /** Ends a transport gracefully. Resolves when nothing of it is left. */
  end(server: string, transport: Transport): Promise<void>
  /** Resolves when no transport of the server, or of any, is being ended. */
  settled(server?: string): Promise<void>
  /** Whether no transport of the server is being ended. */
  isSettled(server: string): boolean
  /** The gentlest step after which the last transport of each server was gone. */
  readonly steps: ReadonlyMap<string, EndReport['by']>
  /** Servers whose transport could not be ended, with the reason. */
  readonly failures: ReadonlyMap<string, string>
}

export function createEndings(): Endings {
  const living = new Map<Transport, string>()
  const pending = new Map<Promise<void>, string>()
  const steps = new Map<string, EndReport['by']>()
  const failures = new Map<string, string>()

  function track(server: string, transport: Transport): Promise<void> {
    const ending = transport
      .end()
      .then(
        ({ by }) => void steps.set(server, by),
        (error: unknown) => void failures.set(server, error instanceof Error ? error.message : String(error)),
      )
      .finally(() => {
        pending.delete(ending)
        living.delete(transport)
      })
    pending.set(ending, server)
    return ending
  }

  function kill(server: string, transport: Transport): void {
    transport.kill()
    void track(server, transport)
  }

  return {
    book: (server, transport) => void living.set(transport, server),
    killAll(server) {
      for (const [transport, name] of [...living]) if (server === undefined || name === server) kill(name, transport)
    },
    kill,
    end: track,
    async settled(server) {
      await Promise.all(
        [...pending].filter(([, name]) => server === undefined || name === server).map(([ending]) => ending),
      )
    },
    isSettled: (server) => ![...pending.values()].includes(server),
    steps,
    failures,
  }
}
