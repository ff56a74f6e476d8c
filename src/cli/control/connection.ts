import type { Socket } from 'node:net'

import { type ControlHost, controlFailureOf } from './host.js'
import { readLines } from './lines.js'
import {
  type ControlFailure,
  type Greeting,
  longestAnswerBytes,
  longestRequestBytes,
  methods,
  requestSchema,
} from './protocol.js'

/** Requests that one asker may have open at a time. */
const maxOpen = 32
/** What an asker may leave unread before it misses what it is told meanwhile. */
const maxUnreadBytes = 1024 * 1024

/**
 * Serves one asker until it goes or `ending` aborts: greets, answers each request when `host` is there, and aborts what
 * is open when the asker goes.
 */
export function serveConnection(socket: Socket, greeting: Greeting, host: Promise<ControlHost>, ending: AbortSignal) {
  const gone = new AbortController()
  const signal = AbortSignal.any([gone.signal, ending])
  let open = 0

  function write(message: object): void {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`)
  }

  function refuse(id: number, error: ControlFailure): void {
    write({ id, error })
  }

  function answer(id: number, result: unknown): void {
    const text = JSON.stringify({ id, result: result ?? null })
    if (Buffer.byteLength(text) > longestAnswerBytes) refuse(id, invalid('The answer is too long for the socket'))
    else if (socket.writable) socket.write(`${text}\n`)
  }

  async function ask(line: string): Promise<void> {
    const request = requestSchema.safeParse(parseJson(line))
    if (!request.success) return refuse(-1, invalid('A request must have an id, a known method and params'))
    const { id, method, params: given } = request.data
    const params = methods[method].params.safeParse(given)
    if (!params.success) {
      const [issue] = params.error.issues
      return refuse(id, invalid(`"${[method, ...(issue?.path ?? [])].join('.')}": ${issue?.message}`))
    }
    if (open >= maxOpen) return refuse(id, invalid(`At most ${maxOpen} requests may be open at a time`))
    open++
    try {
      // A reader that falls behind misses the newest, rather than filling our memory.
      const tell = (item: unknown) => void (socket.writableLength < maxUnreadBytes && write({ id, item }))
      const respond = (await host)[method] as (params: unknown, exchange: object) => unknown
      answer(id, await respond(params.data, { signal, tell }))
    } catch (error) {
      refuse(id, controlFailureOf(error))
    } finally {
      open--
    }
  }

  socket.unref()
  // A peer that resets is one that has gone.
  socket.on('error', () => socket.destroy())
  socket.on('close', () => gone.abort())
  write(greeting)
  readLines(socket, longestRequestBytes, {
    line: (line) => void ask(line),
    overlong() {
      refuse(-1, invalid(`A request must be a line of at most ${longestRequestBytes} bytes`))
      socket.destroySoon()
    },
  })
}

function invalid(message: string): ControlFailure {
  return { code: 'CONTROL_INVALID', message }
}

/** What is no JSON is no request either. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
