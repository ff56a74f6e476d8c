import { setImmediate as nextTurn } from 'node:timers/promises'
import pRetry from 'p-retry'

import type { Cancellation } from '../calls/cancellation.js'
import { SupervisorError, failure } from '../errors.js'
import type { Tool } from '../mcp.js'
import type { Session } from './session.js'
import { type SuspiciousTool, suspicionOf } from './suspicion.js'
import { type QuarantinedTool, readTool } from './tools.js'

/** What one walk over all pages of `tools/list` found. */
export interface Listing {
  readonly tools: readonly Tool[]
  readonly quarantined: readonly QuarantinedTool[]
  readonly suspicious: readonly SuspiciousTool[]
}

const pageLimit = 1_000
const toolLimit = 10_000
/** Tools read at a stretch: a long listing must not hold up the calls of other servers. */
const toolsPerTurn = 250

/**
 * Lists all tools, page by page. A listing is idempotent, so a transient failure is tried once more.
 * @throws `RESPONSE_INVALID` when a page has no tools array, a cursor repeats, or a limit is passed.
 */
export async function listAllTools(server: string, session: Session, cancellation: Cancellation): Promise<Listing> {
  if (!session.info.capabilities['tools']) return { tools: [], quarantined: [], suspicious: [] }
  return pRetry(() => walkPages(server, session, cancellation), { retries: 1, minTimeout: 100, shouldRetry: mayHelp })
}

function mayHelp({ error }: { error: Error }): boolean {
  return error instanceof SupervisorError && error.code === 'SERVER_UNAVAILABLE'
}

async function walkPages(server: string, session: Session, cancellation: Cancellation): Promise<Listing> {
  const tools = new Map<string, Tool>()
  const quarantined: QuarantinedTool[] = []
  const suspicious: SuspiciousTool[] = []
  const seen = new Set<string>()
  let cursor: string | undefined
  do {
    const page = await session.request('tools/list', cursor === undefined ? {} : { cursor }, { cancellation })
    if (!Array.isArray(page['tools'])) throw invalid(server, '"tools" must be an array')
    for (const [index, item] of (page['tools'] as unknown[]).entries()) {
      if (index % toolsPerTurn === toolsPerTurn - 1) await nextTurn()
      const read = readTool(item)
      if ('quarantined' in read) quarantined.push(read.quarantined)
      else {
        const { name } = read.tool
        const reason = tools.has(name) ? 'name: listed twice' : session.readTool?.(read.tool)
        if (reason !== undefined) quarantined.push({ name, reason })
        else {
          tools.set(name, read.tool)
          suspicious.push(...suspicionsOf(read.tool))
        }
      }
    }
    cursor = nextCursor(page)
    if (cursor !== undefined && seen.has(cursor)) throw invalid(server, 'the cursor repeats, so the pages have no end')
    if (cursor !== undefined) seen.add(cursor)
    if (seen.size >= pageLimit) throw invalid(server, `there are more than ${pageLimit} pages`)
    if (tools.size > toolLimit) throw invalid(server, `there are more than ${toolLimit} tools`)
  } while (cursor !== undefined)
  return { tools: [...tools.values()], quarantined, suspicious }
}

function suspicionsOf(tool: Tool): SuspiciousTool[] {
  const reason = suspicionOf(tool)
  return reason === undefined ? [] : [{ name: tool.name, reason }]
}

function nextCursor(page: Record<string, unknown>): string | undefined {
  const cursor = page['nextCursor']
  return typeof cursor === 'string' && cursor !== '' ? cursor : undefined
}

function invalid(server: string, reason: string): SupervisorError {
  return new SupervisorError(
    failure('RESPONSE_INVALID', `Server "${server}" answered tools/list wrongly: ${reason}`, {
      server,
      phase: 'list',
      delivered: 'yes',
    }),
  )
}
