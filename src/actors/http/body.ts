import { pipeline, type Duplex } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { codeOf, failure, SupervisorError } from '../../errors.js'
import { brokenAnswer } from './failures.js'
import type { HttpAnswer } from './answer.js'

const decoders = new Map<string, () => Duplex>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/** Codes of zlib. */
const undecodable = /^(Z_|ERR__?BROTLI)/

/** A chunk this long means that more is waiting: others have a turn first, and the server feels back-pressure. */
const longChunkBytes = 16 * 1024
/** A body this long that ends says that its server is no flood. */
const longBodyBytes = 1024 * 1024

/** How much of a body is read to tell what it was, and how long that may take. */
const startBytes = 64 * 1024
const startTimeoutMs = 100
/** How long a body nobody wants may take to end before its connection is given up. */
const lingerMs = 250

/** The media type of an answer, in lower case and without parameters; empty when there is none. */
export function mediaType({ header }: Pick<HttpAnswer, 'header'>): string {
  return header('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/**
 * The chunks of a body, decompressed as they come. Leaving the loop closes the connection.
 * @throws `CONNECTION_LOST` when the connection breaks, `RESPONSE_INVALID` when the compression is unknown or broken
 */
export async function* chunksOf(answer: HttpAnswer): AsyncGenerator<Buffer, void, undefined> {
  const encoding = answer.header('content-encoding')?.trim().toLowerCase() || 'identity'
  const decoder = encoding === 'identity' ? undefined : decoders.get(encoding)?.()
  if (encoding !== 'identity' && !decoder) {
    answer.body.destroy()
    throw invalid(answer, `the body is compressed in an unknown way: ${JSON.stringify(encoding.slice(0, 60))}`)
  }
  try {
    // An error of either stream ends the other and is thrown by the loop below.
    let bytes = 0
    const body = decoder ? pipeline(answer.body, decoder, () => {}) : answer.body
    for await (const chunk of body as AsyncIterable<Buffer>) {
      yield chunk
      bytes += chunk.length
      if (chunk.length >= longChunkBytes) await answer.pace.next(chunk.length, answer.signal)
    }
    if (bytes >= longBodyBytes) answer.pace.kept()
  } catch (error) {
    if (undecodable.test(codeOf(error) ?? '')) throw invalid(answer, `the body does not decompress as ${encoding}`)
    throw new SupervisorError(brokenAnswer(answer.subject, error), error)
  }
}

/** The whole body as text. @throws `RESPONSE_INVALID` as soon as it is longer than `limitBytes` */
export async function readText(answer: HttpAnswer, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunksOf(answer)) {
    bytes += chunk.length
    if (bytes > limitBytes) throw tooLong(answer, 'the body', limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes).toString()
}

/** What comes of a body within a moment, to tell what it was. Never fails; closes the connection when there is more. */
export async function readStart(answer: HttpAnswer): Promise<string> {
  const timer = setTimeout(() => answer.body.destroy(), startTimeoutMs)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of chunksOf(answer)) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > startBytes) break
    }
  } catch {
    // It broke off, or took too long: what came is all there is to tell.
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(chunks, Math.min(bytes, startBytes)).toString()
}

/** Reads a body nobody wants, so that its connection can serve again; closes one that does not end soon. */
export function discard(body: HttpAnswer['body']): void {
  const timer = setTimeout(() => body.destroy(), lingerMs).unref()
  void body.dump({ limit: startBytes }).finally(() => clearTimeout(timer))
}

/** The error for an answer of which something is longer than it may be; the server is read slowly for it. */
export function tooLong(answer: HttpAnswer, what: string, limitBytes: number): SupervisorError {
  answer.pace.exceeded()
  return invalid(answer, `${what} is longer than ${limitBytes} bytes`)
}

/** The error for an answer that is none; the request that asked for it may have been executed. */
export function invalid(answer: HttpAnswer, what: string): SupervisorError {
  const message = `${answer.subject} answered ${answer.status}: ${what}`
  return new SupervisorError(failure('RESPONSE_INVALID', message, { delivered: 'maybe', httpStatus: answer.status }))
}
