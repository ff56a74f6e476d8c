const blockBytes = 64 * 1024
/** A part this long is held as it is. */
const longPartBytes = 16 * 1024

/** Bytes whose end has not come. */
export interface HeldBytes {
  readonly length: number
  /** The part must not be changed afterwards. */
  keep(part: Buffer): void
  /** What is held and `last` after it; nothing is held any more. Without anything held it is `last` itself. */
  take(last: Buffer): Buffer
  clear(): void
}

/** Only short parts are copied before they are taken: what arrives byte by byte holds no more memory than its length. */
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
      if (part.length >= longPartBytes) {
        blocks.push(block.subarray(0, used), part)
        block = block.subarray(used)
        used = 0
        return
      }
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
