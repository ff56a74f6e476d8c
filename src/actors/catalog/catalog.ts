import type { ListMethod } from '../../calls/ledger.js'
import type { Clock } from '../../clock.js'
import { SupervisorError } from '../../errors.js'
import type { HeldTool } from '../../events.js'
import type { Tool } from '../../mcp.js'
import { withinDeadline } from './list-deadline.js'
import { type ItemList, itemLists, listItems } from './list-items.js'
import { type Listing, listAllTools } from './list-tools.js'
import { printable } from '../wire/printable.js'
import type { RequestOptions } from '../session/requests.js'
import type { ListKind, Session } from '../session/session.js'
import { type Listed, type Shelf, createShelf } from './shelf.js'
import { type Admission, type ToolGate, createAdmission } from './admission.js'
import { type ToolFilter, allows } from './tool-filter.js'

/** What the server of one connection has to offer: its tools, resources and prompts. */
export interface Catalog extends Pick<Admission, 'definition' | 'current' | 'refusal'> {
  /** The listing that belongs to connecting. A server that cannot list may still be called: the reason is returned, not thrown. */
  first(): Promise<{ tools: number } | { listingError: string }>
  /** All items that the configuration lets through and that are not held; from memory while that holds. */
  list(method: ListMethod, refresh: boolean, options: RequestOptions): Promise<readonly unknown[]>
  /** A notification came in; some of them make what is remembered stale and ask for another listing soon. */
  notified(method: string): void
  /** Asks the server for nothing more by itself. */
  stop(): void
}

export interface CatalogOptions {
  readonly server: string
  readonly session: Session
  readonly filter: ToolFilter
  /** Absent where all definitions are trusted. */
  readonly gate?: ToolGate | undefined
  readonly clock: Clock
  readonly mask: (text: string) => string
  readonly listTimeoutMs: number
  readonly listed: (listing: ToolListing) => void
  /** Another list than that of tools was read. */
  readonly itemsListed: (method: ItemList, items: readonly unknown[]) => void
  /** A listing that nobody asked for but a notification has failed. */
  readonly refreshFailed: (message: string) => void
  /** The server said something that had to be left out, in words. */
  readonly violated: (detail: string) => void
}

/** A listing of tools as the host is told: those that the configuration lets through, and which of them are held. */
export type ToolListing = Omit<Listing, 'ttlMs'> & { readonly held: readonly HeldTool[] }

/** Failures after which there is no connection to keep. */
const fatal: ReadonlySet<string> = new Set(['CONNECTION_LOST', 'AUTH_REQUIRED', 'AUTH_FAILED'])

export function createCatalog(options: CatalogOptions): Catalog {
  const { server, session, filter, gate, clock, mask, listTimeoutMs, listed, itemsListed, refreshFailed, violated } =
    options
  const deadline = { server, clock, listTimeoutMs }
  const { begin, changed, visible, held, ...admission } = createAdmission({
    server,
    gate,
    list: () => listTools(true),
  })
  const shelves: Readonly<Record<ListMethod, Shelf<readonly unknown[]>>> = {
    'tools/list': shelf('tools', () => askTools()),
    'resources/list': shelf('resources', () => askItems('resources/list')),
    'resources/templates/list': shelf('resources', () => askItems('resources/templates/list')),
    'prompts/list': shelf('prompts', () => askItems('prompts/list')),
  }

  function shelf(kind: ListKind, ask: () => Promise<Listed<readonly unknown[]>>) {
    const tellsChanges =
      (session.info.capabilities[kind] as { listChanged?: unknown } | undefined)?.listChanged === true
    const watch = () => (session.listWatch ? session.listWatch(kind) : tellsChanges ? 0 : undefined)
    return createShelf({ clock, watch, ask, refreshFailed })
  }

  async function askTools({ cancellation: of, trace }: Partial<RequestOptions> = {}) {
    const take = begin()
    const all = await withinDeadline(deadline, 'tools', of, (cancellation) =>
      listAllTools({ server, session, clock }, { cancellation, trace }),
    )
    take(all.tools)
    const tools = all.tools.filter(({ name }) => allows(filter, name))
    return { items: tools, ttlMs: all.ttlMs, tell: () => tell(all, tools) }
  }

  function tell({ quarantined, suspicious }: Listing, tools: readonly Tool[]): void {
    listed({
      tools,
      held: held(tools).map(shown),
      quarantined: quarantined.map(shown),
      suspicious: suspicious.map(shown),
    })
  }

  async function listTools(refresh: boolean, of?: Partial<RequestOptions>): Promise<readonly Tool[]> {
    return (await shelves['tools/list'].get(refresh, () => askTools(of))) as readonly Tool[]
  }

  async function askItems(method: ItemList, of?: RequestOptions): Promise<Listed<readonly unknown[]>> {
    const { key } = itemLists[method]
    const found = await withinDeadline(deadline, key, of?.cancellation, (cancellation) =>
      listItems(method, { server, session, violated }, { ...of, cancellation }),
    )
    return { ...found, tell: () => itemsListed(method, found.items) }
  }

  /** A tool as records name it. */
  function shown<T extends { readonly name?: string }>(tool: T): T {
    return tool.name === undefined ? tool : { ...tool, name: printable(mask(tool.name)).slice(0, 128) }
  }

  return {
    async first() {
      try {
        return { tools: visible(await listTools(true)).length }
      } catch (error) {
        if (!(error instanceof SupervisorError) || fatal.has(error.code)) throw error
        return { listingError: error.message }
      }
    },
    async list(method, refresh, of) {
      if (method === 'tools/list') return visible(await listTools(refresh, of))
      return shelves[method].get(refresh, () => askItems(method, of))
    },
    ...admission,
    notified(method) {
      if (method === 'notifications/tools/list_changed') {
        changed()
        shelves['tools/list'].changed()
      }
      if (method === 'notifications/prompts/list_changed') shelves['prompts/list'].changed()
      if (method !== 'notifications/resources/list_changed') return
      shelves['resources/list'].changed()
      shelves['resources/templates/list'].changed()
    },
    stop() {
      for (const each of Object.values(shelves)) each.stop()
    },
  }
}
