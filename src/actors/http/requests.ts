import { Agent, buildConnector, DecoratorHandler, request as undiciRequest, type Dispatcher } from 'undici'
import { challengeOf } from '../../auth/challenge.js'
import type { Credentials } from '../../auth/credentials.js'
import { failure, SupervisorError } from '../../errors.js'
import { shownUrl, type HttpAddress } from './address.js'
import type { HttpAnswer } from './answer.js'
import { discard } from './body.js'
import { networkFailure } from './failures.js'
import { orAborted } from './or-aborted.js'
import { createPace } from './pace.js'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: URL
  /** Sent beside the configured headers, in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Aborts the request and the reading of its answer. One of its own for each request. */
  readonly signal: AbortSignal
  /** A stream that may stand for hours: it does not keep the process alive. */
  readonly standing?: boolean
  /** Called when the request begins to be written: from then on the server may have seen it. */
  readonly onSent?: () => void
}

export interface HttpRequests {
  /** Resolves with the head of the answer, whatever its status. Rejects with a `SupervisorError` when there is none. */
  send(request: HttpRequest): Promise<HttpAnswer>
  /** Closes every connection at once; what is open on them fails. */
  destroy(): Promise<void>
}

/** Of a body that waits to be read: chunks that wait together are copied together. */
const highWaterMark = 16 * 1024
const maxRedirects = 5
const redirects = new Set([301, 302, 303, 307, 308])
const methodKept = new Set([307, 308])

/**
 * The connections to one server: pooled and kept alive, on `undici.request`, which takes about a third of the CPU that
 * `fetch` takes for a call on loopback. No deadlines here: they belong to the calls.
 */
export function createHttpRequests(
  server: string,
  address: HttpAddress,
  mask: (text: string) => string,
  credentials?: Credentials,
): HttpRequests {
  const timeouts = { bodyTimeout: 0, headersTimeout: 0 }
  const calls = new Agent(timeouts)
  const streams = new Agent({ ...timeouts, pipelining: 0, connect: unheldConnector() })
  const pace = createPace()
  const ways = { calls: calls.compose(tellWhenSent), streams: streams.compose(tellWhenSent) }

  async function exchange(request: HttpRequest, url: URL): Promise<HttpAnswer> {
    const { method, body = null, signal, standing } = request
    const subject = mask(`Server "${server}": ${method} ${shownUrl(url)}`)
    let sent = false
    const opaque = () => {
      sent = true
      request.onSent?.()
    }
    try {
      const headers = { ...address.headers, ...request.headers }
      const dispatcher = standing ? ways.streams : ways.calls
      const answer = await undiciRequest(url, { method, headers, body, signal, dispatcher, opaque, highWaterMark })
      const header = (name: string) => answer.headers[name]?.toString()
      // A body that is given up before anybody reads it must not take the process down with its error.
      answer.body.on('error', () => {})
      return { subject, status: answer.statusCode, header, body: answer.body, signal, pace }
    } catch (error) {
      throw new SupervisorError(networkFailure(subject, error, sent), error)
    }
  }

  async function follow(request: HttpRequest): Promise<HttpAnswer> {
    let url = request.url
    for (let followed = 0; ; followed++) {
      const answer = await exchange(request, url)
      if (!redirects.has(answer.status)) return answer
      discard(answer.body)
      url = redirectTarget(answer, request, url, followed)
    }
  }

  /** Sends a request until it is not refused for want of authorization: such a request was not executed. */
  async function authorized(by: Credentials, request: HttpRequest): Promise<HttpAnswer> {
    for (let times = 1; ; times++) {
      const sent = await orAborted(by.header(), request.signal)
      const headers = sent === undefined ? request.headers : { ...request.headers, authorization: sent }
      const answer = await follow({ ...request, headers })
      const challenge = challengeOf(answer)
      if (!challenge) by.accepted(sent)
      // A session that ends is not worth another token.
      if (!challenge || request.method === 'DELETE') return answer
      discard(answer.body)
      await orAborted(by.refused(challenge, sent, times), request.signal)
    }
  }

  return {
    send: (request) => (credentials ? authorized(credentials, request) : follow(request)),
    async destroy() {
      await Promise.all([calls.destroy(), streams.destroy()])
    },
  }
}

/** Where a redirect leads: within the origin, the method kept, five times at most. */
function redirectTarget(answer: HttpAnswer, { method }: HttpRequest, from: URL, followed: number): URL {
  const location = answer.header('location')
  const target = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : undefined
  const blocked = (why: string) => {
    const message = `${answer.subject} answered ${answer.status}, a redirect ${why}`
    return new SupervisorError(failure('HANDSHAKE_FAILED', message, { httpStatus: answer.status }))
  }
  if (!target) throw blocked('that names no address')
  if (target.origin !== from.origin) throw blocked(`to ${originOf(target)}, which is another origin`)
  if (target.username || target.password) throw blocked('to an address with userinfo')
  if (method !== 'GET' && !methodKept.has(answer.status)) throw blocked(`that turns ${method} into GET`)
  if (followed >= maxRedirects) throw blocked(`after ${maxRedirects} others`)
  return target
}

/** The origin of `file:` and the like is "null": their scheme says more. */
function originOf(url: URL): string {
  return url.origin === 'null' ? url.protocol : url.origin
}

/** Calls the function a request carries as `opaque` when it begins to be written. */
const tellWhenSent: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const { opaque } = options as Dispatcher.RequestOptions<() => void>
  const telling: Dispatcher.DispatchHandler = new DecoratorHandler(handler)
  telling.onRequestStart = (controller, context) => {
    opaque?.()
    handler.onRequestStart?.(controller, context)
  }
  return dispatch(options, telling)
}

/** Sockets in use hold the process; undici lets only idle ones go, and a standing stream is never idle. */
function unheldConnector(): buildConnector.connector {
  const connect = buildConnector({})
  return (options, callback) =>
    connect(options, (...outcome) => {
      outcome[1]?.unref()
      callback(...outcome)
    })
}
