import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { HttpEndpoint } from '../../config/entry.js'
import { failure, SupervisorError, type Delivered, type Failure } from '../../errors.js'
import { readAddress } from './address.js'
import { createAuto } from './auto.js'
import { createExchanges } from './exchanges.js'
import { brokenAnswer, endsConnection } from './failures.js'
import { isRequest, type HttpForm, type HttpLink } from './form.js'
import { receiveInto } from '../wire/inbox.js'
import { createHttpRequests, type HttpRequests } from './requests.js'
import { isModern } from '../wire/revisions.js'
import { createSse } from './sse.js'
import { createStreamable } from './streamable.js'
import { createPendingRequests, type RequestId } from '../wire/pending-requests.js'
import { defaultLimits, type EndReport, type Message, type Transport, type TransportOptions } from '../transport.js'
import { createViolationReport } from '../wire/violations.js'

const forms = { http: createStreamable, sse: createSse, auto: createAuto }

/** How long the server may go on with a stream after the answer, so that its connection can serve again. */
const lingerMs = 250
/** For a message that is no request: no caller has a deadline for it. */
const noticeTimeoutMs = 10_000
/**
 * How long the others in flight may take to learn their fate once one has learnt that the connection is lost: a quarter of
 * a second. Counted in turns, so that a host that stalls reads what has arrived before it judges.
 */
const lossGraceTurns = 50
const turnMs = 5
const endSessionTimeoutMs = 1_000

/** The transport for an MCP server over HTTP. Its session at the server lives from `initialize` to `end`. */
export function createHttpTransport(endpoint: HttpEndpoint, options: TransportOptions): Transport {
  const { server, shutdownTimeoutMs, limits = defaultLimits, observer, mask = (text) => text, credentials } = options
  const pending = createPendingRequests()
  const exchanges = createExchanges()
  const session: HttpLink['session'] = {}
  let requests: HttpRequests | undefined
  let form: HttpForm | undefined
  /** Why nothing can be sent any more. */
  let over: Failure | undefined
  let ended: Promise<EndReport> | undefined
  let isClosed = false

  const broken = (what: string, delivered: Delivered = 'maybe') =>
    failure('CONNECTION_LOST', `Server "${server}" ${what}`, { server, delivered })
  const answered = broken('left a stream open after the answer')
  const violation = createViolationReport(observer, mask)

  function deliver(message: Message, relatedTo?: RequestId): void {
    try {
      transport.onmessage?.(message, relatedTo)
    } catch (error) {
      transport.onerror?.(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async function start(): Promise<void> {
    if (form) return
    const address = readAddress(endpoint, server)
    requests = createHttpRequests(server, address, mask, credentials)
    form = forms[endpoint.transport]({
      server,
      url: address.url,
      requests,
      limits,
      mask,
      session,
      receive: receiveInto({ server, mask, pending, deliver, violation }),
      waits: (id) => pending.match(id) !== undefined,
      written: pending.written,
      lose: (error) => void lose(toFailure(error)),
      violation,
    })
  }

  async function send(message: Message, headers?: Readonly<Record<string, string>>): Promise<void> {
    if (over) throw new SupervisorError({ ...over, delivered: 'no' })
    if (!form) throw new SupervisorError(broken('was not started', 'no'))
    const text = JSON.stringify(message)
    if (isRequest(message)) return request(form, message, text, headers)
    if (message.method === 'notifications/cancelled') {
      forget(message.params?.['requestId'])
      // To close the stream of the answer is all there is to say.
      if (isModern(session.protocolVersion)) return
    }
    return notice(form, message, text)
  }

  async function request(
    by: HttpForm,
    message: Message & { readonly id: RequestId },
    text: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { id } = message
    const settled = pending.open(id)
    exchanges
      .run(id, (signal) => by.post(message, text, signal, headers))
      .catch((error: unknown) => {
        const reason = toFailure(error)
        if (pending.fail(id, reason) && endsConnection(reason)) void lose(reason)
      })
    try {
      await settled
    } finally {
      exchanges.abort(id, answered, lingerMs)
    }
  }

  async function notice(by: HttpForm, message: Message, text: string): Promise<void> {
    const key = Symbol(message.method)
    const late = broken(`did not accept ${message.method ?? 'an answer'} within ${noticeTimeoutMs} ms`)
    const carried = exchanges.run(key, (signal) => by.post(message, text, signal))
    exchanges.abort(key, late, noticeTimeoutMs)
    try {
      await carried
    } catch (error) {
      const reason = toFailure(error)
      if (endsConnection(reason)) void lose(reason)
      throw new SupervisorError(reason, error)
    }
  }

  function forget(id: unknown): void {
    if (typeof id !== 'string' && typeof id !== 'number') return
    if (pending.cancelled(id)) exchanges.abort(id, broken('was told to forget the request'))
  }

  function toFailure(error: unknown): Failure {
    return { ...brokenAnswer(`Server "${server}"`, error), server }
  }

  /** Ends all that is under way, whatever it waits for. */
  function abandon(reason: Failure): void {
    pending.failAll((written) => ({ ...reason, delivered: written ? 'maybe' : 'no' }))
    exchanges.abortAll(reason)
    form?.close()
  }

  async function lose(reason: Failure): Promise<void> {
    if (over) return
    over = reason
    for (let turn = 0; pending.size > 0 && turn < lossGraceTurns; turn++) await sleep(turnMs)
    abandon(reason)
    await close()
    if (!ended) transport.onlost?.(reason)
  }

  /** By the next turn those who waited for an answer know why none comes. */
  async function close(): Promise<void> {
    await nextTurn()
    if (isClosed) return
    isClosed = true
    transport.onclose?.()
  }

  function end(): Promise<EndReport> {
    return (ended ??= finish())
  }

  async function finish(): Promise<EndReport> {
    const wasLost = over !== undefined
    over ??= broken('was closed before it answered')
    abandon(over)
    if (!wasLost) await endSession()
    await requests?.destroy()
    await close()
    return { by: 'http' }
  }

  async function endSession(): Promise<void> {
    const key = Symbol('end')
    const ending = exchanges.run(key, async (signal) => form?.endSession(signal))
    const withinMs = Math.max(1, Math.min(shutdownTimeoutMs, endSessionTimeoutMs))
    exchanges.abort(key, broken('did not end its session in time'), withinMs)
    // A server that does not take the DELETE forgets the session by itself: there is nobody left to tell.
    await ending.catch(() => {})
  }

  const transport: Transport = {
    start,
    send,
    end,
    kill: () => void end(),
    close: async () => void (await end()),
    setProtocolVersion: (version) => {
      session.protocolVersion = version
    },
    get sessionId() {
      return session.id
    },
  }
  return transport
}
