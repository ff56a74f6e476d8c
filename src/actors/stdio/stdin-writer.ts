import type { Writable } from 'node:stream'
import { SupervisorError, type Failure } from '../../errors.js'
import type { RequestId } from '../wire/pending-requests.js'

/** As much as is handed to the pipe at once. */
const batchCharacters = 256 * 1024

export interface StdinWriterOptions {
  /** The bytes that may wait to be written. One message alone may be longer. */
  readonly limitBytes: number
  /** The request has left us, or may have. May be told again of the same request. */
  readonly onWritten: (id: RequestId) => void
  /** The pipe is broken. Called at most once. */
  readonly onBroken: (error: Error) => void
}

/** Writes lines to a process; those of one tick together. */
export interface StdinWriter {
  /** Queues a request; false when too much is waiting already. */
  request(line: string, id: RequestId): boolean
  /** Writes a message that has no answer. Rejects when it could not be, or too much is waiting already. */
  notify(line: string, overLimit: () => Failure): Promise<void>
  /** Writes the messages without answer that still wait, drops the requests, then leaves the pipe to be ended. */
  finish(): void
  /** Drops everything, so that nothing is written from now on; what waits is rejected. */
  abandon(failure: Failure): void
}

interface Waiting {
  readonly line: string
  readonly bytes: number
  readonly id?: RequestId
  readonly settle?: (because?: Failure) => void
}

/**
 * A request counts as written as soon as the pipe has taken its last byte. Of a batch that the pipe took only in part, all
 * but the last line may have left; the last has not, since its end is missing.
 */
export function createStdinWriter(stdin: Writable, options: StdinWriterOptions): StdinWriter {
  const { limitBytes, onWritten, onBroken } = options
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let batch: Waiting[] = []
  let isScheduled = false
  let isClosed = false
  let isBroken = false

  const left = ({ id }: Waiting): void => {
    if (id !== undefined) onWritten(id)
  }
  const takeBatch = (): Waiting[] => {
    let count = 0
    for (let characters = 0; count < waiting.length && characters < batchCharacters; count += 1) {
      characters += waiting[count]?.line.length ?? 0
    }
    return waiting.splice(0, count)
  }
  const write = (): void => {
    isScheduled = false
    if (isBroken || isClosed || batch.length > 0 || waiting.length === 0) return
    batch = takeBatch()
    stdin.write(batch.map(({ line }) => line).join(''), wrote)
    // The callback comes later; what the system has taken must be known before anything else can happen.
    if (stdin.writableLength > 0) batch.slice(0, -1).forEach(left)
    else if (!stdin.errored) batch.forEach(left)
  }
  const wrote = (error?: Error | null): void => {
    // What was in this batch waits for `abandon`, which knows why.
    if (error) return broke(error)
    const done = batch
    batch = []
    for (const entry of done) {
      waitingBytes -= entry.bytes
      left(entry)
      entry.settle?.()
    }
    write()
  }
  const broke = (error: Error): void => {
    if (isBroken || isClosed) return
    isBroken = true
    onBroken(error)
  }
  stdin.on('error', broke)

  const add = (entry: Waiting): boolean => {
    if (waitingBytes > 0 && waitingBytes + entry.bytes > limitBytes) return false
    waitingBytes += entry.bytes
    waiting.push(entry)
    if (!isScheduled) process.nextTick(write)
    isScheduled = true
    return true
  }

  return {
    request: (line, id) => add({ line, bytes: Buffer.byteLength(line), id }),
    notify: (line, overLimit) =>
      new Promise((resolve, reject) => {
        const settle = (because?: Failure): void => (because ? reject(new SupervisorError(because)) : resolve())
        if (!add({ line, bytes: Buffer.byteLength(line), settle })) settle(overLimit())
      }),
    finish() {
      // What the stream holds will be written, sooner or later.
      batch.forEach(left)
      waiting = waiting.filter(({ id }) => id === undefined)
      isClosed = true
      for (const { line, settle } of waiting) stdin.write(line, (error) => !error && settle?.())
    },
    abandon(failure) {
      isClosed = true
      stdin.destroy()
      for (const { settle } of [...batch, ...waiting]) settle?.(failure)
      batch = []
      waiting = []
    },
  }
}
