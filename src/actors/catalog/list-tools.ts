import pRetry from 'p-retry'

import type { Cancellation } from '../../calls/cancellation.js'
import type { Clock } from '../../clock.js'
import { SupervisorError } from '../../errors.js'
import type { Tool } from '../../mcp.js'
import { walkPages } from './pages.js'
import type { RequestOptions } from '../session/requests.js'
import type { Session } from '../session/session.js'
import { type SuspiciousTool, suspicionOf } from './suspicion.js'
import { type QuarantinedTool, readTool } from './tools.js'

/** What one walk over all pages of `tools/list` found. */
export interface Listing {
  readonly tools: readonly Tool[]
  readonly quarantined: readonly QuarantinedTool[]
  readonly suspicious: readonly SuspiciousTool[]
  /** How long the server promises that it holds. */
  readonly ttlMs?: number | undefined
}

export interface ToolList {
  readonly server: string
  readonly session: Session
  readonly clock: Clock
}

/** Whoever waits for a listing waits no longer than this because the server asks for it (`Retry-After`). */
const longestWaitMs = 5_000

/**
 * Lists all tools, page by page. A listing is idempotent, so a server that is busy is asked once more, when it wants to be.
 * @throws `RESPONSE_INVALID` when a page has no tools array, a cursor repeats, or a limit is passed.
 */
export async function listAllTools({ server, session, clock }: ToolList, options: RequestOptions): Promise<Listing> {
  if (!session.info.capabilities['tools']) return { tools: [], quarantined: [], suspicious: [] }
  return pRetry(() => listOnce(server, session, options), {
    retries: 1,
    minTimeout: 100,
    async shouldRetry({ error }) {
      if (!(error instanceof SupervisorError) || error.code !== 'SERVER_UNAVAILABLE') return false
      const { retryAfterMs = 0 } = error
      return retryAfterMs <= longestWaitMs && (await isStillWanted(options.cancellation, clock, retryAfterMs))
    },
  })
}

/** Waits, unless the work is given up meanwhile. */
function isStillWanted(cancellation: Cancellation, clock: Clock, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve(true), ms)
    cancellation.onCancel = () => {
      clock.clearTimeout(timer)
      resolve(false)
    }
  })
}

async function listOnce(server: string, session: Session, options: RequestOptions): Promise<Listing> {
  const tools = new Map<string, Tool>()
  const quarantined: QuarantinedTool[] = []
  const suspicious: SuspiciousTool[] = []
  const list = { server, session, method: 'tools/list', key: 'tools', options }
  const { ttlMs } = await walkPages(list, (item) => {
    const read = readTool(item)
    if ('quarantined' in read) return void quarantined.push(read.quarantined)
    const { tool } = read
    const { name } = tool
    const reason = tools.has(name) ? 'name: listed twice' : session.readTool?.(tool)
    if (reason !== undefined) return void quarantined.push({ name, reason })
    tools.set(name, tool)
    const suspicion = suspicionOf(tool)
    if (suspicion !== undefined) suspicious.push({ name, reason: suspicion })
  })
  return { tools: [...tools.values()], quarantined, suspicious, ttlMs }
}
