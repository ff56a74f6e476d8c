import pRetry from 'p-retry'
import { asFailure, failure, SupervisorError } from '../../errors.js'
import { discard, invalid, mediaType, readStart, readText } from './body.js'
import { isRequest, type HttpForm, type HttpLink } from './form.js'
import { refusal } from './refusal.js'
import type { HttpAnswer } from './answer.js'
import type { HttpRequest } from './requests.js'
import { orAborted } from './or-aborted.js'
import { followAnswer } from './resume.js'
import { createSessionProbe } from './session-probe.js'
import { createStandingStream } from './standing-stream.js'
import { printable } from '../wire/printable.js'
import { parseText } from '../wire/long-texts.js'
import { isModern } from '../wire/revisions.js'
import type { Message } from '../transport.js'

/** Visible ASCII, as the specification has it; the length is our bound. */
const lawfulSessionId = /^[\x21-\x7e]{1,1024}$/

type Submission = Pick<HttpRequest, 'signal' | 'standing' | 'onSent'> & { readonly headers?: object }

/** Streamable HTTP, since revision 2025-03-26: one endpoint; an answer is JSON or a stream of events. */
export function createStreamable(link: HttpLink): HttpForm {
  const standingStream = createStandingStream(link, (lastEventId, signal) => openStream(lastEventId, signal, true))
  let probes = 0
  const probe = createSessionProbe((signal) =>
    // An id may come once in a session; those of calls are numbers.
    submitted(`{"jsonrpc":"2.0","id":"probe-${++probes}","method":"ping"}`, { signal }),
  )

  async function post(message: Message, text: string, signal: AbortSignal, headers = {}): Promise<void> {
    const answer = await submit(message, text, signal, headers)
    adoptSession(answer)
    if (!isRequest(message)) {
      discard(answer.body)
      if (message.method === 'notifications/initialized') standingStream.open()
      return
    }
    const type = mediaType(answer)
    if (type === 'text/event-stream')
      return followAnswer(link, answer, message.id, (id) => openStream(id, signal), signal)
    if (type !== 'application/json') {
      const what = `the body is ${type || 'of no type'}, expected the answer to ${message.method} as JSON or events`
      throw unexpected(answer, what, await readStart(answer))
    }
    const body = await readText(answer, link.limits.messageBytes)
    link.receive(parseJson(answer, body))
    if (link.waits(message.id)) throw unexpected(answer, `the body holds no answer to ${message.method}`, body)
  }

  /** Posts a message. An `initialize` whose connection is reset before any answer is posted once more, at once. */
  async function submit(message: Message, text: string, signal: AbortSignal, headers: object): Promise<HttpAnswer> {
    const { id } = message
    const attempt = async () => {
      const answer = await submitted(text, {
        headers,
        signal,
        standing: message.method === 'subscriptions/listen',
        ...(id !== undefined && { onSent: () => link.written(id) }),
      })
      if (answer.status >= 200 && answer.status <= 299) return answer
      const error = await refusal(answer, link, message)
      throw isRequest(message) ? await orOfSession(error, signal) : error
    }
    if (message.method !== 'initialize') return attempt()
    return pRetry(attempt, { retries: 1, minTimeout: 0, signal, shouldRetry: ({ error }) => isReset(error) })
  }

  function submitted(body: string, { headers, ...request }: Submission): Promise<HttpAnswer> {
    const common = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    return link.requests.send({
      method: 'POST',
      url: link.url,
      headers: { ...common, ...sessionHeaders(), ...headers },
      body,
      ...request,
    })
  }

  /** The refusal of a request, or the loss of the session when that is what a 400 means. */
  async function orOfSession(refused: SupervisorError, signal: AbortSignal): Promise<SupervisorError> {
    const { id, protocolVersion } = link.session
    if (refused.httpStatus !== 400 || id === undefined || isModern(protocolVersion)) return refused
    if (!(await orAborted(probe.isGone(), signal))) return refused
    const message = `${refused.message}, and a ping likewise: the session is gone`
    return new SupervisorError(failure('CONNECTION_LOST', message, { httpStatus: 400, cause: asFailure(refused) }))
  }

  async function openStream(
    lastEventId: string | undefined,
    signal: AbortSignal,
    standing = false,
  ): Promise<HttpAnswer> {
    const answer = await link.requests.send({
      method: 'GET',
      url: link.url,
      headers: {
        accept: 'text/event-stream',
        ...sessionHeaders(),
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
      signal,
      standing,
    })
    if (answer.status !== 200) throw await refusal(answer, link)
    if (mediaType(answer) === 'text/event-stream') return answer
    discard(answer.body)
    throw invalid(answer, `the body is ${mediaType(answer) || 'of no type'}, expected events`)
  }

  function sessionHeaders(): Record<string, string> {
    const { id, protocolVersion } = link.session
    return { ...(id && { 'mcp-session-id': id }), ...(protocolVersion && { 'mcp-protocol-version': protocolVersion }) }
  }

  function adoptSession(answer: HttpAnswer): void {
    const id = answer.header('mcp-session-id')
    if (!id || isModern(link.session.protocolVersion)) return
    if (!lawfulSessionId.test(id)) {
      discard(answer.body)
      const got = id.length > 1024 ? `${id.length}` : 'others'
      const message = `${answer.subject}: a session id must be at most 1024 visible ASCII characters, got ${got}`
      throw new SupervisorError(failure('HANDSHAKE_FAILED', message, { delivered: 'maybe', httpStatus: answer.status }))
    }
    link.session.id = id
  }

  function unexpected(answer: HttpAnswer, what: string, body: string): SupervisorError {
    // Masked before it is cut, so that no half of a secret escapes the mask.
    const shown = printable(link.mask(body.slice(0, 65_536))).slice(0, 200)
    return invalid(answer, `${what}: ${JSON.stringify(shown)}`)
  }

  function parseJson(answer: HttpAnswer, body: string): unknown {
    try {
      return parseText(body)
    } catch {
      throw unexpected(answer, 'the body is not JSON', body) // The error of the parser would show the text unmasked.
    }
  }

  return {
    post,
    async endSession(signal) {
      if (link.session.id === undefined) return
      const answer = await link.requests.send({ method: 'DELETE', url: link.url, headers: sessionHeaders(), signal })
      discard(answer.body)
    },
    close: standingStream.close,
  }
}

function isReset(error: Error): boolean {
  return error instanceof SupervisorError && error.code === 'CONNECTION_LOST' && error.delivered === 'maybe'
}
