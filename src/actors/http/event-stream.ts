import { createParser } from 'eventsource-parser'
import { holdBytes } from '../wire/held-bytes.js'
import { chunksOf, tooLong } from './body.js'
import type { HttpAnswer } from './answer.js'

/** What an event stream holds, in the order it comes. */
export interface EventListener {
  /** The data of one event with its type: `message` when it names none. Empty data is told too. */
  readonly event: (type: string, data: string) => void
  readonly id?: (id: string) => void
  /** Milliseconds to wait before the stream is asked for again. */
  readonly retry?: (ms: number) => void
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** An id comes back to the server as a header: one that cannot be sent is none. */
const lawfulId = /^[\x20-\x7e]{1,1024}$/

/**
 * Reads a stream of server-sent events; resolves when the server ends it.
 * @throws `CONNECTION_LOST` when it breaks, `RESPONSE_INVALID` as soon as one event is longer than `limitBytes`
 */
export async function readEvents(answer: HttpAnswer, limitBytes: number, listener: EventListener): Promise<void> {
  let overflown = false
  const parser = createParser({
    maxBufferSize: limitBytes,
    onEvent: ({ id, event = 'message', data }) => {
      if (id !== undefined && lawfulId.test(id)) listener.id?.(id)
      listener.event(event, data)
    },
    onRetry: (ms) => listener.retry?.(ms),
    onError: ({ type }) => {
      // Unknown fields and retry times are to be ignored (HTML standard, 9.2.6).
      if (type === 'max-buffer-size-exceeded') overflown = true
    },
  })
  const decoder = new TextDecoder()
  // The parser would hold the begin of a long line as text, at twice its size and more.
  const begin = holdBytes()
  for await (const chunk of chunksOf(answer)) {
    const end = Math.max(chunk.lastIndexOf(lineFeed), chunk.lastIndexOf(carriageReturn)) + 1
    if (end > 0) parser.feed(decoder.decode(begin.take(chunk.subarray(0, end)), { stream: true }))
    begin.keep(chunk.subarray(end))
    if (overflown || begin.length > limitBytes) throw tooLong(answer, 'an event', limitBytes)
  }
}
