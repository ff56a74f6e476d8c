import pRetry from 'p-retry'
import { failure, SupervisorError } from '../errors.js'
import { discard, invalid, mediaType, readText } from './http-body.js'
import { isRequest, type HttpForm, type HttpLink } from './http-form.js'
import { refusal } from './http-refusal.js'
import type { HttpAnswer } from './http-requests.js'
import { followAnswer } from './http-resume.js'
import { createStandingStream } from './http-standing-stream.js'
import type { Message } from './transport.js'

/** Visible ASCII, as the specification has it; the length is our bound. */
const lawfulSessionId = /^[\x21-\x7e]{1,1024}$/

/** Streamable HTTP, revisions 2025-03-26 to 2025-11-25: one endpoint; an answer is JSON or a stream of events. */
export function createStreamable(link: HttpLink): HttpForm {
  const standing = createStandingStream(link, (lastEventId, signal) => openStream(lastEventId, signal, true))

  async function post(message: Message, signal: AbortSignal): Promise<void> {
    const answer = await submit(message, signal)
    adoptSession(answer)
    if (!isRequest(message)) {
      discard(answer.body)
      if (message.method === 'notifications/initialized') standing.open()
      return
    }
    const type = mediaType(answer)
    if (type === 'text/event-stream') return followAnswer(link, answer, message.id, (id) => openStream(id, signal), signal)
    const text = await readText(answer, link.limits.messageBytes)
    if (answer.status === 202 || text === '') throw invalid(answer, `is empty, expected the answer to ${message.method}`)
    if (type !== 'application/json') throw unexpected(answer, `is ${type || 'of no type'}, expected JSON or events`, text)
    link.receive(parseJson(answer, text))
    if (link.waits(message.id)) throw unexpected(answer, `holds no answer to ${message.method}`, text)
  }

  /** Posts a message. An `initialize` whose connection is reset before any answer is posted once more, at once. */
  async function submit(message: Message, signal: AbortSignal): Promise<HttpAnswer> {
    const { id } = message
    const attempt = async () => {
      const answer = await link.requests.send({
        method: 'POST',
        url: link.url,
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...sessionHeaders() },
        body: JSON.stringify(message),
        signal,
        ...(id !== undefined && { onSent: () => link.written(id) }),
      })
      if (answer.status < 200 || answer.status > 299) throw await refusal(answer, link)
      return answer
    }
    if (message.method !== 'initialize') return attempt()
    return pRetry(attempt, { retries: 1, minTimeout: 0, signal, shouldRetry: ({ error }) => isReset(error) })
  }

  async function openStream(lastEventId: string | undefined, signal: AbortSignal, held = false): Promise<HttpAnswer> {
    const answer = await link.requests.send({
      method: 'GET',
      url: link.url,
      headers: {
        accept: 'text/event-stream',
        ...sessionHeaders(),
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
      signal,
      standing: held,
    })
    if (answer.status !== 200) throw await refusal(answer, link)
    if (mediaType(answer) === 'text/event-stream') return answer
    discard(answer.body)
    throw invalid(answer, `is ${mediaType(answer) || 'of no type'}, expected events`)
  }

  function sessionHeaders(): Record<string, string> {
    const { id, protocolVersion } = link.session
    return { ...(id && { 'mcp-session-id': id }), ...(protocolVersion && { 'mcp-protocol-version': protocolVersion }) }
  }

  function adoptSession(answer: HttpAnswer): void {
    const id = answer.headers['mcp-session-id']
    if (id === undefined) return
    if (typeof id !== 'string' || !lawfulSessionId.test(id)) {
      discard(answer.body)
      const expected = 'a session id must be 1 to 1024 visible ASCII characters'
      const message = `${answer.subject}: ${expected}, got ${id.length} that are not`
      throw new SupervisorError(failure('HANDSHAKE_FAILED', message, { delivered: 'maybe', httpStatus: answer.status }))
    }
    link.session.id = id
  }

  function unexpected(answer: HttpAnswer, what: string, text: string): SupervisorError {
    // Masked before it is cut, so that no half of a secret escapes the mask.
    const shown = link.mask(text.slice(0, 65_536)).slice(0, 200)
    return invalid(answer, `${what}: ${JSON.stringify(shown)}`)
  }

  function parseJson(answer: HttpAnswer, text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      throw unexpected(answer, 'is not JSON', text) // The error of the parser would show the text unmasked.
    }
  }

  return {
    post,
    async endSession(signal) {
      if (link.session.id === undefined) return
      const answer = await link.requests.send({ method: 'DELETE', url: link.url, headers: sessionHeaders(), signal })
      discard(answer.body)
    },
    close: standing.close,
  }
}

function isReset(error: Error): boolean {
  return error instanceof SupervisorError && error.code === 'CONNECTION_LOST' && error.delivered === 'maybe'
}
