import type { Clock } from '../clock.js'
import { SupervisorError, failure } from '../errors.js'
import type { Tool } from '../mcp.js'
import { type Listing, listAllTools } from './list-tools.js'
import type { Session } from './session.js'
import { type ToolFilter, allows } from './tool-filter.js'

/** The tools of one connection. */
export interface Catalog {
  /** The listing that belongs to connecting. A server that cannot list may still be called: the reason is returned, not thrown. */
  first(): Promise<{ tools: number } | { listingError: string }>
  /** The tools that the configuration lets through; from memory when the server tells its changes and told none. */
  list(refresh: boolean, signal: AbortSignal): Promise<readonly Tool[]>
  /** A notification came in; one of them makes the remembered listing stale. */
  notified(method: string): void
}

export interface CatalogOptions {
  readonly server: string
  readonly session: Session
  readonly filter: ToolFilter
  readonly clock: Clock
  readonly listTimeoutMs: number
  readonly listed: (listing: Listing) => void
}

/** Failures after which there is no connection to keep. */
const fatal: ReadonlySet<string> = new Set(['CONNECTION_LOST', 'AUTH_REQUIRED', 'AUTH_FAILED'])

export function createCatalog({ server, session, filter, clock, listTimeoutMs, listed }: CatalogOptions): Catalog {
  const tellsChanges = (session.info.capabilities['tools'] as { listChanged?: unknown } | undefined)?.listChanged === true
  let remembered: readonly Tool[] | undefined

  async function ask(signal: AbortSignal): Promise<readonly Tool[]> {
    const all = await listAllTools(server, session, signal)
    const tools = all.tools.filter(({ name }) => allows(filter, name))
    remembered = tellsChanges ? tools : undefined
    listed({ ...all, tools })
    return tools
  }

  return {
    async first() {
      const deadline = new AbortController()
      const timer = clock.setTimeout(() => deadline.abort(listTimeout(server, listTimeoutMs)), listTimeoutMs)
      try {
        return { tools: (await ask(deadline.signal)).length }
      } catch (error) {
        const reason: unknown = deadline.signal.aborted ? deadline.signal.reason : error
        if (!(reason instanceof SupervisorError) || fatal.has(reason.code)) throw reason
        return { listingError: reason.message }
      } finally {
        clock.clearTimeout(timer)
      }
    },
    list: async (refresh, signal) => (refresh ? undefined : remembered) ?? ask(signal),
    notified(method) {
      if (method === 'notifications/tools/list_changed') remembered = undefined
    },
  }
}

function listTimeout(server: string, ms: number): SupervisorError {
  return new SupervisorError(
    failure('CALL_TIMEOUT', `Server "${server}" did not list its tools within ${ms} ms`, {
      server,
      phase: 'list',
      delivered: 'maybe',
    }),
  )
}
