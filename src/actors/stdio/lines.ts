const newline = 0x0a
const blockBytes = 64 * 1024

/** Cuts a stream of bytes into lines, on demand, so that the reader can stop after any of them. */
export interface Lines {
  /** Adds bytes; the chunk must not be changed afterwards. */
  push(chunk: Buffer): void
  /** The next complete line that is not empty, without its `\n` or `\r\n`; nothing when more bytes are needed. */
  next(): string | undefined
  /** True from the moment a line, ended or not, is longer than the limit; no line comes after that. */
  readonly isOverLimit: boolean
}

/**
 * Each byte is looked at once and copied at most once before the line is decoded: a long line costs no more per byte than
 * a short one, and lines that arrive byte by byte hold no more memory than their length.
 */
export function createLines(limitBytes: number): Lines {
  const chunks: Buffer[] = []
  let offset = 0
  let isFirst = true
  let isOverLimit = false
  /** The begin of a line whose end has not come: full blocks, and the one being filled. */
  let blocks: Buffer[] = []
  let block = Buffer.alloc(0)
  let used = 0
  let lineBytes = 0

  const keep = (part: Buffer): void => {
    for (let from = 0; from < part.length;) {
      if (used === block.length) {
        if (used > 0) blocks.push(block)
        block = Buffer.allocUnsafe(blockBytes)
        used = 0
      }
      const copied = part.copy(block, used, from)
      used += copied
      from += copied
    }
  }
  const decode = (last: Buffer): string => {
    if (lineBytes === last.length) return last.toString('utf8')
    const line = Buffer.concat([...blocks, block.subarray(0, used), last], lineBytes).toString('utf8')
    blocks = []
    used = 0
    return line
  }
  const release = (): void => {
    isOverLimit = true
    chunks.length = 0
    blocks = []
    block = Buffer.alloc(0)
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
        lineBytes += part.length
        if (lineBytes > limitBytes) {
          release()
          return undefined
        }
        offset = end + 1
        if (end === -1 || offset === chunk.length) {
          chunks.shift()
          offset = 0
        }
        if (end === -1) {
          keep(part)
          continue
        }
        const text = decode(part)
        lineBytes = 0
        const line = text.slice(isFirst && text.startsWith('\uFEFF') ? 1 : 0, text.endsWith('\r') ? -1 : undefined)
        isFirst = false
        if (line !== '') return line
      }
      return undefined
    },
  }
}
