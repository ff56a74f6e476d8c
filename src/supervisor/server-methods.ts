import type { ServerMethods } from '../api.js'
import type { Work } from '../calls/ledger.js'
import type { WishBook } from '../calls/wishes.js'
import type { Clock } from '../clock.js'
import { flatState } from '../machines/server.context.js'
import type { Tool } from '../mcp.js'
import type { ServerIdentity } from '../messages.js'
import type { Calls, SubmitOptions, SubmitType } from './calls.js'
import type { KnownCatalog } from './known-catalog.js'
import { createProtocolRequests } from './protocol-requests.js'
import { testConnection } from './test-connection.js'

export interface ServerMethodsParts {
  readonly calls: Calls
  readonly clock: Clock
  readonly wishes: WishBook
  readonly catalog: KnownCatalog
}

/** The methods that concern one server; `find` says which actor its name stands for. */
export function createServerMethods(
  { calls, clock, wishes, catalog }: ServerMethodsParts,
  find: (name: string) => ServerIdentity,
): ServerMethods {
  const connect = { kind: 'connect' } as const
  const submit = async (name: string, type: SubmitType, work: Work, options: SubmitOptions) =>
    calls.submit(find(name), type, work, options)
  const isReady = (name: string) => flatState(calls.find(find(name)).actor.getSnapshot().value) === 'ready'

  return {
    async connect(name, options = {}) {
      await submit(name, 'connect', connect, { defaultMs: 0, ...options })
    },
    async testConnection(name, options = {}) {
      calls.find(find(name))
      return testConnection(async (terms) => {
        const startedAt = clock.now()
        await submit(name, 'probe', connect, terms)
        const timeoutMs = Math.max(1, terms.timeoutMs - (clock.now() - startedAt))
        await submit(name, 'call', { kind: 'list', method: 'tools/list', refresh: true }, { ...terms, timeoutMs })
      }, options)
    },
    async listTools(name, { refresh = false, stale, ...options } = {}) {
      const of = find(name)
      const known = stale === 'allow' && !refresh ? catalog(of.name) : undefined
      if (known?.stale) return [...known.tools]
      const tools = await submit(name, 'call', { kind: 'list', method: 'tools/list', refresh }, options)
      return [...(tools as readonly Tool[])]
    },
    ...createProtocolRequests({ submit, find, isReady, wishes }),
    callTool: async (name, tool, args = {}, options = {}) => calls.callTool(find(name), tool, args, options),
    async restart(name, options = {}) {
      await submit(name, 'restart', connect, { defaultMs: 0, ...options })
    },
  }
}
