import type { ServerResponse } from 'node:http'

/** A listener at the other end of a connection, that may be slow or gone. */
export interface Outlet {
  send(event: string, data: unknown): void
  /** Bytes that wait to be sent. */
  waiting(): number
  close(): void
}

/** Everybody who listens to one stream. A listener that falls too far behind is let go: it comes back and starts anew. */
export interface Outlets {
  readonly size: number
  /** False when there are too many already. */
  add(outlet: Outlet): boolean
  remove(outlet: Outlet): void
  send(event: string, data: unknown): void
  close(): void
}

const mostOutlets = 32
const mostWaitingBytes = 4 * 1024 * 1024

export function createOutlets(): Outlets {
  const outlets = new Set<Outlet>()
  return {
    get size() {
      return outlets.size
    },
    add: (outlet) => outlets.size < mostOutlets && Boolean(outlets.add(outlet)),
    remove: (outlet) => void outlets.delete(outlet),
    send(event, data) {
      for (const outlet of outlets) {
        if (outlet.waiting() <= mostWaitingBytes) outlet.send(event, data)
        else if (outlets.delete(outlet)) outlet.close()
      }
    },
    close() {
      for (const outlet of outlets) outlet.close()
      outlets.clear()
    },
  }
}

/** Answers a request with a stream of server-sent events. */
export function fromEventStream(response: ServerResponse): Outlet {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
  response.flushHeaders()
  return {
    send: (event, data) => void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    waiting: () => response.writableLength,
    close: () => void response.end(),
  }
}
