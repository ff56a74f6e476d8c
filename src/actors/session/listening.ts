import type { Clock } from '../../clock.js'
import { isObject } from '../../config/plain-data.js'
import { SupervisorError, failure } from '../../errors.js'
import { startPause } from './pause.js'
import type { Dress } from './requests.js'
import type { ListKind } from './session.js'
import type { Message, Transport } from '../transport.js'

/** What a modern server tells unasked is what a standing `subscriptions/listen` asked for; this is who asks. */
export interface Listening {
  /** Takes what concerns a subscription itself, none of what it brings; false for any other message. */
  take(message: Message): boolean
  /** Names the unbroken time in which changes of a list are told; undefined when they are not. */
  listWatch(kind: ListKind): number | undefined
  /** Resolves when the server has agreed to tell the updates of a resource. */
  subscribe(uri: string): Promise<void>
  unsubscribe(uri: string): Promise<void>
  stop(): void
}

export interface ListeningParts {
  readonly server: string
  readonly clock: Clock
  readonly transport: Transport
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly dress: (method: string, params: Record<string, unknown>) => Dress
  /** The error that a JSON-RPC error of the server becomes. */
  readonly refused: (error: NonNullable<Message['error']>) => SupervisorError
}

interface Subscription {
  readonly id: string
  /** What the server agreed to tell. */
  readonly tells: Readonly<Record<string, unknown>>
  /** Resolves when it is over, for whatever reason. */
  readonly over: Promise<void>
}

const method = 'subscriptions/listen'
const subscriptionId = 'io.modelcontextprotocol/subscriptionId'
const firstPauseMs = 1_000
const longestPauseMs = 60_000
/** A subscription that stood for so long was in order: its end starts the pauses from the first. */
const stableAfterMs = 10_000

const isOurs = (id: unknown): id is string => typeof id === 'string' && id.startsWith('listen-')

const ended = () =>
  new SupervisorError(failure('CONNECTION_LOST', 'The subscription ended before it began', { delivered: 'maybe' }))

/**
 * Listens from now on for what the server says it can tell. A subscription that ends is begun again, ever more slowly,
 * until the server refuses it: neither says anything of the connection.
 */
export function startListening({ server, clock, transport, capabilities, dress, refused }: ListeningParts): Listening {
  const stopping = new AbortController()
  const lists = changingLists(capabilities)
  const resources = new Set<string>()
  /** Who waits for the acknowledgement of a subscription, or for the reason why there is none. */
  const unacknowledged = new Map<
    string,
    { resolve: (tells: Record<string, unknown>) => void; reject: (error: unknown) => void }
  >()
  let count = 0
  let breaks = 0
  let current: Subscription | undefined
  let isStanding = false
  /** Subscriptions are opened one after the other. */
  let turn: Promise<unknown> = Promise.resolve()
  /** The one that is not begun yet: it asks for all that is wanted by then, so that many may wait for it. */
  let next: Promise<void> | undefined

  const isWanted = () => !stopping.signal.aborted && (Object.keys(lists).length > 0 || resources.size > 0)

  /** Opens a subscription to all that is wanted now; the earlier one ends once the server has agreed. */
  async function replace(): Promise<void> {
    const id = `listen-${++count}`
    const resourceSubscriptions = [...resources]
    const notifications = { ...lists, ...(resourceSubscriptions.length > 0 && { resourceSubscriptions }) }
    const { params, headers } = dress(method, { notifications })
    const tells = new Promise<Record<string, unknown>>((resolve, reject) => unacknowledged.set(id, { resolve, reject }))
    const isOver = transport.send({ jsonrpc: '2.0', id, method, params }, headers).then(
      () => settle(id)?.reject(ended()),
      (error: unknown) => settle(id)?.reject(error),
    )
    const agreed = await tells
    const earlier = current
    current = { id, over: isOver, tells: agreed }
    if (earlier) cancel(earlier.id)
  }

  function inTurn(): Promise<void> {
    if (next) return next
    next = turn.then(() => {
      next = undefined
      return replace()
    })
    // Whoever asked hears of the failure; the next one only waits for its end.
    turn = next.catch(() => undefined)
    return next
  }

  function isTold(uri: string): boolean {
    const { resourceSubscriptions } = current?.tells ?? {}
    return Array.isArray(resourceSubscriptions) && resourceSubscriptions.includes(uri)
  }

  /** Asks for the updates of a resource beside all else. @throws `MCP_ERROR` when the server does not agree to tell them */
  async function include(uri: string): Promise<void> {
    await inTurn()
    if (!current || isTold(uri)) return
    const message = `Server "${server}" did not agree to tell the updates of this resource`
    throw new SupervisorError(failure('MCP_ERROR', message, { server, delivered: 'yes' }))
  }

  /** Listens for as long as anything is wanted, or until the server refuses it. */
  async function stand(): Promise<void> {
    if (isStanding) return
    isStanding = true
    for (let pauseMs = firstPauseMs; isWanted(); pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const began = clock.now()
      if (!current && (await isRefused())) break
      await over()
      if (clock.now() - began > stableAfterMs) pauseMs = firstPauseMs
      if (isWanted()) await startPause(clock, pauseMs, stopping.signal).over
    }
    isStanding = false
  }

  async function isRefused(): Promise<boolean> {
    try {
      await inTurn()
      return false
    } catch (error) {
      return error instanceof SupervisorError && error.code === 'MCP_ERROR'
    }
  }

  /** Resolves when no subscription stands, however often it was replaced. */
  async function over(): Promise<void> {
    while (current) {
      const subscription = current
      await subscription.over
      if (current !== subscription) continue
      current = undefined
      breaks += 1
    }
  }

  function cancel(id: string): void {
    const params = { requestId: id }
    transport
      .send({ jsonrpc: '2.0', method: 'notifications/cancelled', params })
      .catch((error: Error) => transport.onerror?.(error))
  }

  /** Over a pipe, a server ends a subscription by cancelling our request. */
  function takeCancellation(id: unknown): boolean {
    if (isOurs(id)) cancel(id)
    return isOurs(id)
  }

  function settle(id: unknown) {
    const waiting = unacknowledged.get(String(id))
    unacknowledged.delete(String(id))
    return waiting
  }

  void stand()

  return {
    take({ id, method: called, params = {}, error }) {
      if (called === 'notifications/subscriptions/acknowledged') {
        const { _meta: meta, notifications } = params as { _meta?: Record<string, unknown>; notifications?: object }
        settle(meta?.[subscriptionId])?.resolve({ ...notifications })
        return true
      }
      if (called === 'notifications/cancelled') return takeCancellation(params['requestId'])
      if (called !== undefined || !isOurs(id)) return false
      settle(id)?.reject(error ? refused(error) : ended())
      return true
    },
    listWatch: (kind) => (current?.tells[`${kind}ListChanged`] === true ? breaks : undefined),
    async subscribe(uri) {
      if (resources.has(uri) && isTold(uri)) return
      resources.add(uri)
      try {
        await include(uri)
      } catch (error) {
        // What was refused must not be asked for again with the wishes of others.
        resources.delete(uri)
        throw error
      }
      void stand()
    },
    async unsubscribe(uri) {
      if (!resources.delete(uri) || !current) return
      if (isWanted()) return inTurn()
      cancel(current.id)
      current = undefined
    },
    stop: () => stopping.abort(),
  }
}

/** The lists whose changes the server says it tells, as a subscription asks for them. */
function changingLists(capabilities: Readonly<Record<string, unknown>>): Record<string, true> {
  const lists = ['tools', 'prompts', 'resources'].filter((name) => {
    const capability = capabilities[name]
    return isObject(capability) && capability['listChanged'] === true
  })
  return Object.fromEntries(lists.map((name) => [`${name}ListChanged`, true as const]))
}
