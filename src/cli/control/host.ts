import { type Supervisor, SupervisorError } from '../../index.js'
import type { ControlFailure, Item, Method, Params, Result } from './protocol.js'
import type { Records } from './records.js'

/** What a request is given beside its parameters. */
export interface Exchange<M extends Method> {
  /** Aborted when the asker has gone or the instance ends. */
  readonly signal: AbortSignal
  /** Tells something before the answer. An asker that does not read misses it. */
  readonly tell: (item: Item<M>) => void
  /** Hears that the asker missed something and reads again. */
  readonly onCaughtUp: (listener: () => void) => void
}

/** Answers requests, one function for each method. */
export type ControlHost = {
  readonly [M in Method]: (params: Params<M>, exchange: Exchange<M>) => Result<M> | Promise<Result<M>>
}

/** Changes within so long are told as one. */
const settleMs = 50

/** Lets a supervisor answer what commands ask of it. */
export function createHost(supervisor: Supervisor, records: Records): ControlHost {
  function views(names: readonly string[] = supervisor.servers()) {
    return names.map((name) => records.view(known(name)))
  }

  function known(name: string): string {
    if (supervisor.servers().includes(name)) return name
    const message = `Server "${name}" not found in configured servers`
    throw new SupervisorError({ code: 'SERVER_UNKNOWN', message, server: name, delivered: 'no', retryable: false })
  }

  return {
    status: ({ servers }) => views(servers),
    async watch({ servers }, { signal, tell, onCaughtUp }) {
      tell(views(servers))
      let timer: NodeJS.Timeout | undefined
      const tellNow = (): void => {
        timer = undefined
        // A server that was asked for may have been removed meanwhile.
        tell(views(servers?.filter((name) => supervisor.servers().includes(name))))
      }
      const stop = records.onChange(() => {
        timer ??= setTimeout(tellNow, settleMs).unref()
      })
      // What it missed last is how things are.
      onCaughtUp(tellNow)
      await aborted(signal)
      stop()
      clearTimeout(timer)
      return null
    },
    explain: ({ server }) => ({ ...supervisor.explain(known(server)) }),
    tools: ({ server, timeoutMs }, { signal }) => supervisor.listTools(server, { timeoutMs, signal }),
    async held({ server, timeoutMs }, { signal }) {
      await supervisor.listTools(known(server), { timeoutMs, signal, refresh: true })
      return supervisor.catalog(server)?.held ?? []
    },
    approve: ({ server, tools }) => supervisor.approveTools(known(server), tools),
    call: ({ server, tool, args, timeoutMs }, { signal, tell }) =>
      supervisor.callTool(server, tool, args, { timeoutMs, signal, onProgress: tell }),
    async logs({ server, lines, follow }, { signal, tell }) {
      tell(records.lines(known(server), lines))
      if (!follow) return null
      const stop = records.follow(server, (line) => tell([line]))
      await aborted(signal)
      stop()
      return null
    },
    start: ({ server, timeoutMs, wait }, { signal }) =>
      done(supervisor.start(known(server), wait ? { timeoutMs, signal } : {}), wait),
    stop: ({ server, wait }) => done(supervisor.stop(known(server)), wait),
    restart: ({ server, timeoutMs, wait }, { signal }) =>
      done(supervisor.restart(known(server), wait ? { timeoutMs, signal } : {}), wait),
  }
}

async function done(work: Promise<void>, wait: boolean): Promise<null> {
  // Whoever does not wait learns from the status how it went.
  if (wait) await work
  else work.catch(() => {})
  return null
}

/** What an asker is told of a failure. */
export function controlFailureOf(error: unknown): ControlFailure {
  if (error instanceof SupervisorError) return { ...error.toJSON() }
  return { code: 'UNEXPECTED', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
