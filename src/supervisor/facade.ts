import type { Supervisor } from '../api.js'
import type { Ledger } from '../calls/ledger.js'
import type { Clock } from '../clock.js'
import type { CloseReport } from '../events.js'
import type { Tool } from '../mcp.js'
import type { Calls } from './calls.js'
import type { EventBus } from './event-bus.js'
import { streamEvents } from './event-stream.js'
import { createExplain } from './explain.js'
import type { History } from './history.js'
import { createProtocolRequests } from './protocol-requests.js'
import type { Reloads } from './reloads.js'
import type { Root, Servers } from './servers.js'
import { type ServerStatus, absentStatus, statusOf } from './status.js'
import { testConnection } from './test-connection.js'

export interface FacadeParts {
  readonly root: Root
  readonly servers: Servers
  readonly calls: Calls
  readonly reloads: Reloads
  readonly ledger: Ledger
  readonly clock: Clock
  readonly bus: EventBus
  readonly history: History
  readonly close: () => Promise<CloseReport>
}

/** The public object: each method says which part does the work. */
export function createFacade(parts: FacadeParts): Supervisor {
  const { root, servers, calls, reloads, ledger, clock, bus, history, close } = parts
  const connect = { kind: 'connect' } as const

  function status(name: string): ServerStatus {
    const snapshot = servers.has(name) ? servers.actor(name)?.getSnapshot() : undefined
    return snapshot ? statusOf(snapshot, ledger.counts(name)) : absentStatus(name, servers.has(name), clock.now())
  }

  return {
    servers: servers.names,
    config: servers.config,
    status,
    statuses: () => servers.names().map(status),
    explain: createExplain({ servers, history, ledger, clock, status }),
    async connect(name, options = {}) {
      await calls.submit(name, 'connect', connect, { defaultMs: 0, ...options })
    },
    async testConnection(name, options = {}) {
      calls.find(name)
      return testConnection(async (terms) => {
        const startedAt = clock.now()
        await calls.submit(name, 'probe', connect, terms)
        const timeoutMs = Math.max(1, terms.timeoutMs - (clock.now() - startedAt))
        await calls.submit(name, 'call', { kind: 'list', refresh: true }, { ...terms, timeoutMs })
      }, options)
    },
    async listTools(name, { refresh = false, ...options } = {}) {
      const tools = await calls.submit(name, 'call', { kind: 'list', refresh }, options)
      return [...(tools as readonly Tool[])]
    },
    ...createProtocolRequests(calls),
    callTool: (name, tool, args = {}, options = {}) => calls.callTool(name, tool, args, options),
    async restart(name, options = {}) {
      await calls.submit(name, 'restart', connect, { defaultMs: 0, ...options })
    },
    async reload(config) {
      const report = await reloads.reload(config)
      bus.emit({ type: 'config.reloaded', report })
      return report
    },
    close,
    async [Symbol.asyncDispose]() {
      await close()
    },
    on: bus.on,
    events: ({ signal } = {}) => streamEvents(bus, signal),
    actor: root,
  }
}
