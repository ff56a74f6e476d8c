const blockBytes = 64 * 1024

/** Bytes whose end has not come. */
export interface HeldBytes {
  readonly length: number
  keep(part: Buffer): void
  /** What is held and `last` after it; nothing is held any more. Without anything held it is `last` itself. */
  take(last: Buffer): Buffer
  clear(): void
}

/** Each byte is copied at most once before it is taken, and what arrives byte by byte holds no more memory than its length. */
export function holdBytes(): HeldBytes {
  /** Full blocks, and the one being filled. */
  let blocks: Buffer[] = []
  let block = Buffer.alloc(0)
  let used = 0
  let length = 0

  return {
    get length() {
      return length
    },
    keep(part) {
      length += part.length
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
    },
    take(last) {
      if (length === 0) return last
      const all = Buffer.concat([...blocks, block.subarray(0, used), last], length + last.length)
      blocks = []
      used = 0
      length = 0
      return all
    },
    clear() {
      blocks = []
      block = Buffer.alloc(0)
      used = 0
      length = 0
    },
  }
}
