import { type Socket, createConnection } from 'node:net'

import type { Delivered } from '../../index.js'
import { CommandError } from '../command-error.js'
import { exitCodeOf, exitCodes } from '../exit-codes.js'
import { readLines } from './lines.js'
import {
  type ControlFailure,
  type Greeting,
  type Item,
  type Method,
  type Params,
  type Result,
  answerSchema,
  controlVersion,
  greetingSchema,
  longestAnswerBytes,
  methods,
} from './protocol.js'

/** A connection to a running instance. It keeps the process alive until it is closed. */
export interface ControlClient {
  readonly greeting: Greeting
  /**
   * Asks, tells `onItem` what comes before the answer, and resolves with the answer. An abort leaves the instance, which
   * ends whatever was asked of it. @throws CommandError with what failed there, or that the instance has ended
   */
  request<M extends Method>(method: M, params: Params<M>, options?: RequestOptions<M>): Promise<Result<M>>
  close(): void
}

interface RequestOptions<M extends Method> {
  readonly onItem?: (item: Item<M>) => void
  /** So many items were not told, because they were not read in time. */
  readonly onMissed?: (count: number) => void
  readonly signal?: AbortSignal | undefined
}

/** An instance on the same machine says who it is at once, unless its process is stopped or busy beyond use. */
const greetingMs = 3_000

/** What is at the address of an instance: nobody, somebody who says nothing, or one to talk to. */
export type Contact =
  | { readonly is: 'absent' }
  | { readonly is: 'silent' }
  | { readonly is: 'alive'; readonly client: ControlClient }

interface Pending {
  item(value: unknown): void
  missed(count: number): void
  /** The instance has gone. */
  lost(): void
  result(value: unknown): void
  fail(error: unknown): void
}

/** Connects to the instance at an address. Never rejects. */
export function contact(address: string, patienceMs = greetingMs): Promise<Contact> {
  return new Promise((resolve) => {
    const socket = createConnection(address)
    const give = (outcome: Contact): void => {
      clearTimeout(timer)
      if (outcome.is !== 'alive') socket.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(() => give({ is: 'silent' }), patienceMs)
    const pending = new Map<number, Pending>()
    let client: ControlClient | undefined
    // ENOENT and ECONNREFUSED: nobody listens. Any other reason is as good as nobody.
    socket.on('error', () => give({ is: 'absent' }))
    socket.on('close', () => {
      give({ is: 'absent' })
      for (const { lost } of pending.values()) lost()
    })
    readLines(socket, longestAnswerBytes, {
      line(text) {
        if (client) return settle(pending, text)
        const greeting = greetingSchema.safeParse(parseJson(text))
        if (!greeting.success) return give({ is: 'silent' })
        client = createClient(socket, greeting.data, pending)
        give({ is: 'alive', client })
      },
      overlong: () => socket.destroy(),
    })
  })
}

function createClient(socket: Socket, greeting: Greeting, pending: Map<number, Pending>): ControlClient {
  let lastId = 0
  return {
    greeting,
    request(method, params, { onItem, onMissed, signal } = {}) {
      return new Promise((resolve, reject) => {
        const id = ++lastId
        const { item, result } = methods[method]
        const leave = (): void => {
          socket.destroy()
          finish(() => reject(signal?.reason as Error))
        }
        const finish = (settleIt: () => void): void => {
          pending.delete(id)
          signal?.removeEventListener('abort', leave)
          settleIt()
        }
        if (signal?.aborted) return leave()
        if (socket.destroyed) return reject(ended(greeting))
        signal?.addEventListener('abort', leave, { once: true })
        pending.set(id, {
          item: (value) => onItem?.(item.parse(value) as never),
          missed: (count) => onMissed?.(count),
          result: (value) => finish(() => resolve(result.parse(value) as never)),
          // What a call does there is not known any more.
          lost: () => finish(() => reject(ended(greeting, method === 'call' ? 'maybe' : 'no'))),
          fail: (error) => finish(() => reject(error as Error)),
        })
        socket.write(`${JSON.stringify({ id, method, params })}\n`)
      })
    },
    close: () => void socket.destroy(),
  }
}

/** Hands an answer to whoever asked; what belongs to nobody is dropped. */
function settle(pending: ReadonlyMap<number, Pending>, text: string): void {
  const answer = answerSchema.safeParse(parseJson(text))
  if (!answer.success) return
  const asked = pending.get(answer.data.id)
  if (!asked) return
  try {
    if ('item' in answer.data) asked.item(answer.data.item)
    else if ('missed' in answer.data) asked.missed(answer.data.missed)
    else if ('error' in answer.data) asked.fail(asCommandError(answer.data.error))
    else asked.result(answer.data.result)
  } catch (error) {
    asked.fail(
      new CommandError(exitCodes.unexpected, `The instance answered in another form than expected: ${String(error)}`),
    )
  }
}

/** @throws CommandError when the instance speaks another version of the protocol */
export function requireSameVersion({ control, version, pid }: Greeting): void {
  if (control === controlVersion) return
  const hint = 'restart the instance, or use the mcpvisor that started it'
  throw new CommandError(
    exitCodes.unexpected,
    `The instance with pid ${pid} is mcpvisor ${version}, which speaks another version of the control protocol`,
    hint,
  )
}

function asCommandError({ code, message, server, delivered }: ControlFailure): CommandError {
  return new CommandError(exitCodeOf(code), message, undefined, { code, server, delivered })
}

function ended({ pid }: Greeting, delivered: Delivered = 'no'): CommandError {
  return new CommandError(exitCodes.noInstance, `The instance with pid ${pid} has ended`, undefined, { delivered })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What is no JSON fits no schema either.
    return undefined
  }
}
