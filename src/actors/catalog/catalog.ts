import { type Cancellation, createCancellation } from '../../calls/cancellation.js'
import type { Clock } from '../../clock.js'
import { SupervisorError, failure } from '../../errors.js'
import type { Tool } from '../../mcp.js'
import { coalesce } from './coalesce.js'
import { type Listing, listAllTools } from './list-tools.js'
import { printable } from '../wire/printable.js'
import type { Session } from '../session/session.js'
import { type ToolFilter, allows } from './tool-filter.js'

/** The tools of one connection. */
export interface Catalog {
  /** The listing that belongs to connecting. A server that cannot list may still be called: the reason is returned, not thrown. */
  first(): Promise<{ tools: number } | { listingError: string }>
  /** The tools that the configuration lets through; from memory when the server tells its changes and told none. */
  list(refresh: boolean, cancellation: Cancellation): Promise<readonly Tool[]>
  /** A notification came in; one of them makes the remembered listing stale and asks for another one soon. */
  notified(method: string): void
  /** Asks the server for nothing more by itself. */
  stop(): void
}

export interface CatalogOptions {
  readonly server: string
  readonly session: Session
  readonly filter: ToolFilter
  readonly clock: Clock
  readonly mask: (text: string) => string
  readonly listTimeoutMs: number
  readonly listed: (listing: Listing) => void
  /** A listing that nobody asked for but a notification has failed. */
  readonly refreshFailed: (message: string) => void
}

/** Notifications of changes that follow each other within this time are answered by one listing. */
const refreshWindowMs = 100

/** Failures after which there is no connection to keep. */
const fatal: ReadonlySet<string> = new Set(['CONNECTION_LOST', 'AUTH_REQUIRED', 'AUTH_FAILED'])

export function createCatalog(options: CatalogOptions): Catalog {
  const { server, session, filter, clock, mask, listTimeoutMs, listed, refreshFailed } = options
  const tellsChanges =
    (session.info.capabilities['tools'] as { listChanged?: unknown } | undefined)?.listChanged === true
  const refresh = coalesce(refreshNow, { clock, windowMs: refreshWindowMs })
  /** The unbroken time in which changes are told: what was listed in an earlier one may have changed unnoticed. */
  const watch = () => (session.toolsWatch ? session.toolsWatch() : tellsChanges ? 0 : undefined)
  let remembered: { readonly tools: readonly Tool[]; readonly watch: number } | undefined
  /** Counts the changes that the server told. */
  let changes = 0

  /** One listing, which the policy bounds whoever asked for it. */
  async function ask(caller?: Cancellation): Promise<readonly Tool[]> {
    const own = createCancellation()
    const tooSlow = listTimeout(server, listTimeoutMs)
    const timer = clock.setTimeout(() => own.cancel(tooSlow.message), listTimeoutMs)
    const changesBefore = changes
    const watchBefore = watch()
    if (caller) caller.onCancel = (reason) => own.cancel(reason)
    try {
      const all = await listAllTools(server, session, own)
      const tools = all.tools.filter(({ name }) => allows(filter, name))
      // A change told meanwhile may not be in this listing yet.
      remembered = watchBefore !== undefined && changes === changesBefore ? { tools, watch: watchBefore } : undefined
      listed({ tools, quarantined: all.quarantined.map(shown), suspicious: all.suspicious.map(shown) })
      return tools
    } catch (error) {
      throw own.reason === tooSlow.message ? tooSlow : error
    } finally {
      clock.clearTimeout(timer)
    }
  }

  /** A tool as records name it. */
  function shown<T extends { readonly name?: string }>(tool: T): T {
    return tool.name === undefined ? tool : { ...tool, name: printable(mask(tool.name)).slice(0, 128) }
  }

  async function refreshNow(): Promise<void> {
    try {
      await ask()
    } catch (error) {
      refreshFailed(error instanceof Error ? error.message : String(error))
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
    async list(isRefresh, cancellation) {
      const isCurrent = !isRefresh && remembered !== undefined && remembered.watch === watch()
      return isCurrent && remembered ? remembered.tools : ask(cancellation)
    },
    notified(method) {
      if (method !== 'notifications/tools/list_changed') return
      changes += 1
      remembered = undefined
      refresh.ask()
    },
    stop: refresh.stop,
  }
}

function listTimeout(server: string, ms: number): SupervisorError {
  const message = `Server "${server}" did not list its tools within ${ms} ms`
  return new SupervisorError(failure('CALL_TIMEOUT', message, { server, phase: 'list', delivered: 'maybe' }))
}
