import type { Supervisor, SupervisorEvent } from '../../index.js'
import type { LogLine, ServerView } from './protocol.js'
import { type Ring, createRing } from './ring.js'

/** Lines of stderr that are kept of each server, and the characters of each. */
const keptLines = 1_000
const keptCharacters = 2_000
/** Calls whose durations make the median. */
const keptCalls = 100

/** What an instance remembers of its servers, beside their status. All of it is bounded. */
export interface Records {
  view(server: string): ServerView
  /** The last lines of stderr, secrets masked as the events have them. */
  lines(server: string, count: number): readonly LogLine[]
  /** Hears each line from now on. Returns how to stop. */
  follow(server: string, listener: (line: LogLine) => void): () => void
  /** Hears that a view may be another now. Returns how to stop. */
  onChange(listener: () => void): () => void
  /** Hears nothing from now on. */
  dispose(): void
}

interface ServerRecord {
  readonly lines: Ring<LogLine>
  readonly durations: Ring<number>
  lastError?: ServerView['lastError']
}

/** Begins to remember what happens in a supervisor. */
export function createRecords(supervisor: Supervisor): Records {
  const servers = new Map<string, ServerRecord>()
  const followers = new Set<{ readonly server: string; readonly listener: (line: LogLine) => void }>()
  const listeners = new Set<() => void>()

  function recordOf(server: string): ServerRecord {
    const known = servers.get(server)
    if (known) return known
    const fresh = { lines: createRing<LogLine>(keptLines), durations: createRing<number>(keptCalls) }
    servers.set(server, fresh)
    return fresh
  }

  function write(server: string, text: string): void {
    const line = { at: Date.now(), line: text.slice(0, keptCharacters) }
    recordOf(server).lines.push(line)
    for (const follower of followers) if (follower.server === server) follower.listener(line)
  }

  const changing = new Set<SupervisorEvent['type']>([
    'state.changed',
    'call.settled',
    'tools.listed',
    'tools.approved',
    'config.reloaded',
  ])

  function hear(event: SupervisorEvent): void {
    if (event.type === 'stderr.written') return write(event.server, event.line)
    if (!changing.has(event.type)) return
    // A lease has failures of its own.
    if (event.type === 'state.changed' && event.error && event.lease === undefined) {
      const { code, message } = event.error
      recordOf(event.server).lastError = { at: event.at, code, message }
    }
    if (event.type === 'call.settled' && event.method === 'tools/call' && !event.failure) {
      recordOf(event.server).durations.push(event.durationMs)
    }
    if (event.type === 'config.reloaded') forgetOthers(supervisor.servers())
    for (const listener of listeners) listener()
  }

  function forgetOthers(names: readonly string[]): void {
    for (const server of servers.keys()) if (!names.includes(server)) servers.delete(server)
  }
  const unsubscribe = supervisor.on('*', hear)

  return {
    view(server) {
      const { connected: _, ...status } = supervisor.status(server)
      const { durations, lastError } = servers.get(server) ?? {}
      const p50Ms = median(durations?.last(keptCalls) ?? [])
      return { ...status, ...(p50Ms !== undefined && { p50Ms }), ...(lastError && { lastError }) }
    },
    lines: (server, count) => servers.get(server)?.lines.last(count) ?? [],
    follow(server, listener) {
      const follower = { server, listener }
      followers.add(follower)
      return () => void followers.delete(follower)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    dispose: unsubscribe,
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
