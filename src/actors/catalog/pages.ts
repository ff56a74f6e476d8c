import { setImmediate as nextTurn } from 'node:timers/promises'

import { SupervisorError, failure } from '../../errors.js'
import type { RequestOptions } from '../session/requests.js'
import type { Session } from '../session/session.js'
import { leftBy } from '../validation/weight.js'

/** A list that a server gives page by page. */
export interface PagedList {
  readonly server: string
  readonly session: Session
  readonly method: string
  /** Under which a page has its items. */
  readonly key: string
  readonly options: RequestOptions
}

const pageLimit = 1_000
const itemLimit = 10_000
/** Of all items together, in characters and values: a list of many long pages would be larger than any message may be. */
const weightLimit = 64 * 1024 * 1024
/** Items taken at a stretch: a long list must not hold up the calls of other servers. */
const itemsPerTurn = 250

/** What the pages said beside their items. */
export interface Walked {
  /** The shortest time for which a page promises to hold. */
  readonly ttlMs?: number | undefined
}

/**
 * Asks for all pages and hands over each item, in order.
 * @throws `RESPONSE_INVALID` when a page has no array of items, a cursor repeats, or a limit is passed
 */
export async function walkPages(list: PagedList, take: (item: unknown) => void): Promise<Walked> {
  const { session, method, key, options } = list
  const seen = new Set<string>()
  let cursor: string | undefined
  let count = 0
  let left = weightLimit
  let ttlMs: number | undefined
  do {
    const page = await session.request(method, cursor === undefined ? {} : { cursor }, options)
    const items = page[key]
    if (!Array.isArray(items)) throw invalid(list, `"${key}" must be an array`)
    for (const item of items as unknown[]) {
      if (++count > itemLimit) throw invalid(list, `there are more than ${itemLimit} ${key}`)
      left = leftBy(item, left)
      if (left <= 0) throw invalid(list, `its ${key} are larger than ${weightLimit} characters together`)
      if (count % itemsPerTurn === 0) await nextTurn()
      take(item)
    }
    ttlMs = shorter(ttlMs, page['ttlMs'])
    cursor = nextCursor(page)
    if (cursor !== undefined && seen.has(cursor)) throw invalid(list, 'the cursor repeats, so the pages have no end')
    if (cursor !== undefined) seen.add(cursor)
    if (seen.size >= pageLimit) throw invalid(list, `there are more than ${pageLimit} pages`)
  } while (cursor !== undefined)
  return { ttlMs }
}

function shorter(ttlMs: number | undefined, told: unknown): number | undefined {
  if (typeof told !== 'number' || !(told >= 0)) return ttlMs
  return Math.min(ttlMs ?? told, told)
}

function nextCursor(page: Record<string, unknown>): string | undefined {
  const cursor = page['nextCursor']
  return typeof cursor === 'string' && cursor !== '' ? cursor : undefined
}

function invalid({ server, method }: PagedList, reason: string): SupervisorError {
  return new SupervisorError(
    failure('RESPONSE_INVALID', `Server "${server}" answered ${method} wrongly: ${reason}`, {
      server,
      phase: 'list',
      delivered: 'yes',
    }),
  )
}
