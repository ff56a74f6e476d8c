import type { Handlers } from '../../calls/handlers.js'
import { type Inquiry, type Reply, answerInquiry, ended, isInquiry } from './inquiry.js'
import type { CallInFlight } from './call-in-flight.js'
import { spokesmanOf } from './spokesman.js'
import type { Message, Transport } from '../transport.js'

/** What a server asks of us by requests of its own, in the revisions that have them. */
export interface Inquiries {
  /**
   * Takes a request that a handler may answer, or the withdrawal of one; false for any other message. `relatedTo` is the
   * request of ours in whose answer it came.
   */
  take(message: Message, relatedTo?: string | number): boolean
  /** A request of ours has settled: what was asked for its sake is no longer wanted. */
  settled(requestId: number): void
  /** Nobody is left to answer to. */
  stop(): void
}

export interface InquiriesParts {
  readonly server: string
  readonly transport: Transport
  /** Those of the supervisor: they answer what belongs to no call. */
  readonly handlers: Handlers
  /** The calls that it may belong to, those in flight first; undefined when it surely belongs to one that is over. */
  readonly callers: (relatedTo?: string | number, params?: Record<string, unknown>) => CallInFlight[] | undefined
}

interface Open {
  readonly controller: AbortController
  /** The requests of ours that it may have been asked for the sake of. */
  readonly of: Set<number>
  isWithdrawn: boolean
}

/** More at once are not from a server that means well. */
const mostOpen = 100

const tooMany = { error: { code: -32000, message: `More than ${mostOpen} requests are open` } }

/**
 * Answers each inquiry in the name of the call that it belongs to: the one in whose answer it came, else the only one that
 * the server is at, or one of several with the same owner. Where owners differ it belongs to any of them, and is answered
 * for none; nor is it for a call that is over.
 */
export function createInquiries({ server, transport, handlers, callers }: InquiriesParts): Inquiries {
  const open = new Map<string | number, Open>()

  async function answer(id: string | number, inquiry: Inquiry, relatedTo?: string | number): Promise<void> {
    if (open.size >= mostOpen || open.has(id)) return reply(id, tooMany)
    const candidates = callers(relatedTo, inquiry.params)
    if (!candidates) return reply(id, ended)
    const spokesman = spokesmanOf(candidates)
    const isClear = spokesman ? !spokesman.isOver : candidates.length === 0
    if (!isClear && !belongsToAll(inquiry, candidates))
      return reply(id, spokesman ? ended : ambiguous(inquiry, candidates.length))
    const call = isClear ? spokesman : undefined
    const inFlight = call ? candidates.filter(({ isOver }) => !isOver) : []
    const controller = new AbortController()
    const entry: Open = { controller, of: new Set(inFlight.map((each) => each.id)), isWithdrawn: false }
    open.set(id, entry)
    const { signal } = controller
    const asked = { ...inquiry, progress: progressOf(id, inquiry) }
    const resume = inFlight.map(({ caller }) => caller.pause())
    const given = await (call ? call.caller.answer(asked, signal) : answerInquiry(asked, handlers, { server, signal }))
    for (const each of resume) each()
    open.delete(id)
    if (!entry.isWithdrawn) reply(id, signal.aborted ? ended : given)
  }

  /** Tells the server how far we are with what it asked, for as long as it waits; nothing when it did not ask for that. */
  function progressOf(id: string | number, { params }: Inquiry): Inquiry['progress'] {
    const { progressToken } = (params['_meta'] ?? {}) as { readonly progressToken?: unknown }
    if (typeof progressToken !== 'string' && typeof progressToken !== 'number') return undefined
    return (progress) => {
      if (open.has(id)) send({ method: 'notifications/progress', params: { ...progress, progressToken } })
    }
  }

  /** The folders of the supervisor are the same for every call that has none of its own. */
  function belongsToAll({ method }: Inquiry, candidates: readonly CallInFlight[]): boolean {
    const hasNoneOfItsOwn = ({ isOver, caller }: CallInFlight) => isOver || caller.handlers.roots === handlers.roots
    return method === 'roots/list' && candidates.every(hasNoneOfItsOwn)
  }

  function reply(id: string | number, given: Reply): void {
    send({ id, ...('result' in given ? { result: given.result } : { error: given.error }) })
  }

  function send(message: Omit<Message, 'jsonrpc'>): void {
    transport.send({ jsonrpc: '2.0', ...message }).catch((error: Error) => transport.onerror?.(error))
  }

  return {
    take({ id, method, params = {} }, relatedTo) {
      if (method === 'notifications/cancelled') return withdraw(params['requestId'])
      if (id === undefined || method === undefined || !isInquiry(method)) return false
      void answer(id, { method, params }, relatedTo)
      return true
    },
    settled(requestId) {
      if (open.size === 0) return
      for (const { of, controller } of open.values()) if (of.delete(requestId) && of.size === 0) controller.abort()
    },
    stop() {
      for (const entry of open.values()) {
        entry.isWithdrawn = true
        entry.controller.abort()
      }
    },
  }

  function withdraw(id: unknown): boolean {
    const entry = open.get(id as string | number)
    if (!entry) return false
    entry.isWithdrawn = true
    entry.controller.abort()
    return true
  }
}

function ambiguous({ method }: Inquiry, count: number): Reply {
  const message = `Which of ${count} calls in flight ${method} belongs to cannot be told`
  return { error: { code: -32600, message } }
}
