import type { Socket } from 'node:net'

export interface LineReader {
  /** A line without its end. */
  line(text: string): void
  /** A line is longer than the limit: nothing more is read. */
  overlong(): void
}

/** Reads a socket line by line and holds at most one line of at most `limitBytes`. */
export function readLines(socket: Socket, limitBytes: number, { line, overlong }: LineReader): void {
  let parts: Buffer[] = []
  let bytes = 0

  function take(chunk: Buffer): void {
    bytes += chunk.length
    if (bytes <= limitBytes) return void parts.push(chunk)
    socket.off('data', read).pause()
    overlong()
  }

  function read(chunk: Buffer): void {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      take(chunk.subarray(from, end))
      if (bytes > limitBytes) return
      const text = Buffer.concat(parts, bytes).toString()
      parts = []
      bytes = 0
      from = end + 1
      line(text)
    }
    if (from < chunk.length) take(chunk.subarray(from))
  }

  socket.on('data', read)
}
