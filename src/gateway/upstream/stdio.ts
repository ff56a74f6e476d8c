import { PassThrough, type Readable, type Writable } from 'node:stream'

import type { JSONRPCMessage, Server } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'

import type { Principal } from '../clients/client.js'
import { within } from '../within.js'
import type { Connect } from './connect.js'
import { finished } from './finished.js'
import { type Message, isNews } from './peek.js'

/** The one client at the other end of a pipe. */
export interface StdioConnection {
  /** Resolves when the client has gone and its last requests are answered, or when it was closed. */
  readonly closed: Promise<void>
  /** Waits so long for requests under way. */
  close(drainTimeoutMs?: number): Promise<void>
}

export interface StdioStreams {
  /** Default: those of the process. */
  readonly stdin?: Readable
  readonly stdout?: Writable
}

export interface StdioParts extends StdioStreams {
  readonly principal: Principal
  readonly connect: Connect
  /** What is under way although its last message was answered: the client has gone to fetch an answer. */
  readonly parked: () => readonly Promise<unknown>[]
  /** How long requests under way may take when no more can come. */
  readonly drainTimeoutMs: number
  readonly failed: (error: Error) => void
}

type Wire = Pick<StdioServerTransport, 'send' | 'onmessage' | 'onclose'>

/** Serves the client at the other end of the streams, in the era that it begins with. */
export function serveOnStdio({ stdin = process.stdin, stdout, ...parts }: StdioParts): StdioConnection {
  const { principal, connect, parked, drainTimeoutMs, failed } = parts
  const input = new PassThrough()
  const transport = new StdioServerTransport(input, stdout)
  let server: Server | undefined
  const connection = connect({
    principal,
    transport: 'stdio',
    isOne: true,
    // A client that is going is told nothing more, and that it goes is seen elsewhere.
    tell: ({ method, params }) => void server?.notification({ method, params: { ...params } }).catch(() => undefined),
  })
  const handle = serveStdio(({ era }) => (server = connection.server(era)), { transport, onerror: failed })
  const pending = watchRequests(transport, connection.listen)
  const closed = whenClosed(transport, connection.gone)

  /** No more can come: what is under way is answered first, for who writes all requests at once still reads. */
  const ended = (): void => void within(drainTimeoutMs, finished(pending.unanswered)).then(() => input.end())
  stdin.on('end', ended).on('error', ended)
  stdin.pipe(input, { end: false })
  void closed.then(() => {
    stdin.off('end', ended).off('error', ended).unpipe(input)
    stdin.pause()
  })
  return {
    closed,
    async close(timeoutMs = 0) {
      pending.refuseNews()
      await within(
        timeoutMs,
        finished(() => [...pending.unanswered(), ...parked()]),
      )
      stdin.unpipe(input)
      await handle.close()
      await closed
    },
  }
}

/** Counts the requests that wait for an answer, and follows the subscriptions among them. */
function watchRequests(wire: Wire, listen: (params: unknown) => () => void) {
  const waiting = new Set<unknown>()
  const subscriptions = new Map<unknown, () => void>()
  let wakers: (() => void)[] = []
  let isClosing = false
  const { onmessage, onclose } = wire
  const send = wire.send.bind(wire)

  function settle(id: unknown): void {
    subscriptions.get(id)?.()
    subscriptions.delete(id)
    if (waiting.delete(id) && waiting.size === 0) wake()
  }
  function wake(): void {
    const woken = wakers
    wakers = []
    for (const resolve of woken) resolve()
  }
  wire.onmessage = (message) => {
    const { id, method, params } = message as Message
    if (isClosing && isNews(message as Message)) return refuse(id)
    if (method === 'notifications/cancelled') settle(params?.['requestId'])
    else if (method === 'subscriptions/listen') subscriptions.set(id, listen(params))
    else if (id !== undefined && method !== undefined) waiting.add(id)
    onmessage?.(message)
  }
  function refuse(id: unknown): void {
    const error = { code: -32000, message: 'The gateway is closing' }
    // Who is not there any more need not be told.
    send({ jsonrpc: '2.0', id, error } as JSONRPCMessage).catch(() => undefined)
  }
  wire.send = async (message) => {
    try {
      await send(message)
    } finally {
      if ('id' in message && !('method' in message)) settle(message.id)
    }
  }
  wire.onclose = () => {
    for (const release of subscriptions.values()) release()
    waiting.clear()
    wake()
    onclose?.()
  }

  return {
    /** What resolves when every request has its answer; nothing when they have it. */
    unanswered: (): Promise<void>[] =>
      waiting.size === 0 ? [] : [new Promise((resolve) => void wakers.push(resolve))],
    refuseNews: () => void (isClosing = true),
  }
}

function whenClosed(wire: Wire, gone: () => void): Promise<void> {
  const { onclose } = wire
  return new Promise((resolve) => {
    wire.onclose = () => {
      onclose?.()
      gone()
      resolve()
    }
  })
}
