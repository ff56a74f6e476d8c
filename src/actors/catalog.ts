import { type Cancellation, createCancellation } from '../calls/cancellation.js'
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
  list(refresh: boolean, cancellation: Cancellation): Promise<readonly Tool[]>
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

  /** One listing, which the policy bounds whoever asked for it. */
  async function ask(caller?: Cancellation): Promise<readonly Tool[]> {
    const own = createCancellation()
    const tooSlow = listTimeout(server, listTimeoutMs)
    const timer = clock.setTimeout(() => own.cancel(tooSlow.message), listTimeoutMs)
    if (caller) caller.onCancel = (reason) => own.cancel(reason)
    try {
      const all = await listAllTools(server, session, own)
      const tools = all.tools.filter(({ name }) => allows(filter, name))
      remembered = tellsChanges ? tools : undefined
      listed({ ...all, tools })
      return tools
    } catch (error) {
      throw own.reason === tooSlow.message ? tooSlow : error
    } finally {
      clock.clearTimeout(timer)
    }
  }

  return {
    async first() {
      try {
        return { tools: (await ask()).length }
      } catch (error) {
        if (!(error instanceof SupervisorError) || fatal.has(error.code)) throw error
        return { listingError: error.message }
      }
    },
    list: async (refresh, cancellation) => (refresh ? undefined : remembered) ?? ask(cancellation),
    notified(method) {
      if (method === 'notifications/tools/list_changed') remembered = undefined
    },
  }
}

function listTimeout(server: string, ms: number): SupervisorError {
  const message = `Server "${server}" did not list its tools within ${ms} ms`
  return new SupervisorError(failure('CALL_TIMEOUT', message, { server, phase: 'list', delivered: 'maybe' }))
}
