import { failure, SupervisorError } from '../../errors.js'
import { readEvents } from './event-stream.js'
import { shownUrl } from './address.js'
import { discard, mediaType } from './body.js'
import { receiveEvent } from './receive-event.js'
import type { HttpForm, HttpLink } from './form.js'
import { refusal } from './refusal.js'
import type { HttpAnswer } from './answer.js'
import type { Message } from '../transport.js'

/**
 * HTTP+SSE, revision 2024-11-05: a GET opens the one stream for everything the server says; its first event names the
 * endpoint to post to. The stream is the connection: when it ends, the connection is lost.
 */
export function createSse(link: HttpLink): HttpForm {
  const closing = new AbortController()
  /** A 404 of the endpoint is always about the session: its id is in the URL. */
  const inSession = { mask: link.mask, session: { id: 'in the URL' } }
  let endpoint: Promise<URL> | undefined

  async function post(message: Message, text: string, signal: AbortSignal): Promise<void> {
    const url = await (endpoint ??= open())
    const { id } = message
    const { protocolVersion } = link.session
    const answer = await link.requests.send({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(protocolVersion && { 'mcp-protocol-version': protocolVersion }),
      },
      body: text,
      signal,
      ...(id !== undefined && { onSent: () => link.written(id) }),
    })
    if (answer.status < 200 || answer.status > 299) throw await refusal(answer, inSession, message)
    discard(answer.body)
  }

  async function open(): Promise<URL> {
    const answer = await link.requests.send({
      method: 'GET',
      url: link.url,
      headers: { accept: 'text/event-stream' },
      signal: closing.signal,
      standing: true,
    })
    if (answer.status !== 200) throw await refusal(answer, link)
    if (mediaType(answer) !== 'text/event-stream') {
      discard(answer.body)
      const message = `${answer.subject} answered 200: the body is ${mediaType(answer) || 'of no type'}, expected events`
      throw new SupervisorError(failure('HANDSHAKE_FAILED', message, { httpStatus: 200 }))
    }
    return new Promise((resolve, reject) => {
      listen(answer, (data) => {
        try {
          resolve(readEndpoint(answer, data))
        } catch (error) {
          reject(error)
          closing.abort()
        }
      }).catch((error: unknown) => {
        reject(error)
        if (!closing.signal.aborted) link.lose(error)
      })
    })
  }

  /** Reads the stream to its end, which is always a loss. */
  async function listen(answer: HttpAnswer, announced: (endpoint: string) => void): Promise<never> {
    const receive = receiveEvent(link)
    await readEvents(answer, link.limits.messageBytes, {
      event: (type, data) => (type === 'endpoint' ? announced(data) : receive(type, data)),
    })
    throw new SupervisorError(failure('CONNECTION_LOST', `${answer.subject}: the server ended the stream`))
  }

  /** The endpoint gets our headers: it must be of the same origin. */
  function readEndpoint(answer: HttpAnswer, data: string): URL {
    const url = URL.canParse(data, link.url.href) ? new URL(data, link.url) : undefined
    if (url && url.origin === link.url.origin && !url.username && !url.password) return url
    const got = url ? link.mask(shownUrl(url)) : 'a text that is no address'
    const message = `${answer.subject}: the endpoint must be of the same origin, got ${got}`
    throw new SupervisorError(failure('HANDSHAKE_FAILED', message))
  }

  return {
    post,
    endSession: async () => {}, // The session ends with its stream.
    close: () => closing.abort(),
  }
}
