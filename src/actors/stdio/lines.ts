import { holdBytes } from '../wire/held-bytes.js'

const newline = 0x0a

/** Cuts a stream of bytes into lines, on demand, so that the reader can stop after any of them. */
export interface Lines {
  /** Adds bytes; the chunk must not be changed afterwards. */
  push(chunk: Buffer): void
  /** The next complete line that is not empty, without its `\n` or `\r\n`; nothing when more bytes are needed. */
  next(): string | undefined
  /** True from the moment a line, ended or not, is longer than the limit; no line comes after that. */
  readonly isOverLimit: boolean
}

/** Each byte is looked at once: a long line costs no more per byte than a short one. */
export function createLines(limitBytes: number): Lines {
  const chunks: Buffer[] = []
  let offset = 0
  let isFirst = true
  let isOverLimit = false
  /** The begin of a line whose end has not come. */
  const begin = holdBytes()

  const release = (): void => {
    isOverLimit = true
    chunks.length = 0
    begin.clear()
  }

  return {
    get isOverLimit() {
      return isOverLimit
    },
    push(chunk) {
      if (!isOverLimit) chunks.push(chunk)
    },
    next() {
      for (let chunk = chunks[0]; chunk; chunk = chunks[0]) {
        const end = chunk.indexOf(newline, offset)
        const part = chunk.subarray(offset, end === -1 ? chunk.length : end)
        if (begin.length + part.length > limitBytes) {
          release()
          return undefined
        }
        offset = end + 1
        if (end === -1 || offset === chunk.length) {
          chunks.shift()
          offset = 0
        }
        if (end === -1) {
          begin.keep(part)
          continue
        }
        const text = begin.take(part).toString('utf8')
        const line = text.slice(isFirst && text.startsWith('\uFEFF') ? 1 : 0, text.endsWith('\r') ? -1 : undefined)
        isFirst = false
        if (line !== '') return line
      }
      return undefined
    },
  }
}
