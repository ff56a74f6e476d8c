import type { Socket } from 'node:net'

import { type ControlHost, controlFailureOf } from './host.js'
import { readLines } from './lines.js'
import {
  type ControlFailure,
  type Greeting,
  type Method,
  longestAnswerBytes,
  longestRequestBytes,
  methods,
  requestSchema,
} from './protocol.js'
import { createTelling } from './telling.js'

/** Requests that one asker may have open at a time. */
const maxOpen = 32

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
    const telling = createTelling(socket, (message) => write({ id, ...message }))
    const exchange = { signal, tell: telling.tell, onCaughtUp: telling.onCaughtUp }
    try {
      // Before the answer, which is the last that an asker hears.
      const result = await host.then((of) => respond(of, method)(params.data, exchange)).finally(telling.end)
      answer(id, result)
    } catch (error) {
      refuse(id, controlFailureOf(error))
    } finally {
      open--
    }
  }

  socket.unref()
  // Each open request hears of the drain.
  socket.setMaxListeners(maxOpen + 10)
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

/** The function for a method, which takes what the schema of that method lets through. */
const respond = (host: ControlHost, method: Method) => host[method] as (params: unknown, exchange: object) => unknown

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
