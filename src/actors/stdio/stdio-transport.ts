import type { StdioEndpoint } from '../../config/entry.js'
import { SupervisorError, codeOf, failure, type ErrorCode, type Failure } from '../../errors.js'
import { readFairly, type FairReader } from './fair-reader.js'
import { receiveInto } from '../wire/inbox.js'
import { parseText } from '../wire/long-texts.js'
import type { ExitStatus } from '../process/ladder.js'
import { createLines } from './lines.js'
import { createPendingRequests } from '../wire/pending-requests.js'
import { spawnGroup, type ProcessGroup } from '../process/process-group.js'
import { lastWords } from './last-words.js'
import { createStderrTail } from './stderr-tail.js'
import { createStdinWriter, type StdinWriter } from './stdin-writer.js'
import { defaultLimits, type Message, type Transport, type TransportOptions } from '../transport.js'
import { createViolationReport } from '../wire/violations.js'

/** How long a broken pipe waits for the exit that usually explains it. */
const explanationMs = 60
/** Its answer is a stream of notifications (2026-07-28, subscriptions). */
const standingMethod = 'subscriptions/listen'

/** A process that is up, and what reads and writes its pipes. */
interface Connected {
  readonly group: ProcessGroup
  readonly writer: StdinWriter
  readonly stdout: FairReader
  readonly stderr: FairReader
}

/**
 * A transport to a process of ours: one JSON-RPC message a line, in on stdin, out on stdout.
 *
 * The process is lost when it exits, closes its stdin or stdout, or writes a line over the limit; what it wrote before is
 * delivered first. A lost process is ended by the hard stop.
 */
export function createStdioTransport(endpoint: StdioEndpoint, options: TransportOptions): Transport {
  const { server, shutdownTimeoutMs, limits = defaultLimits, observer, mask = (text) => text } = options
  const pending = createPendingRequests()
  const lines = createLines(limits.messageBytes)
  const violated = createViolationReport(observer, mask)
  const tail = createStderrTail({ limitBytes: limits.stderrTailBytes, mask, onLine: observer?.stderr })
  let starting: Promise<void> | undefined
  let connected: Connected | undefined
  /** Set once, when nothing can be sent or received any more. */
  let closed: Failure | undefined
  let isExplaining = false
  /** It has written a message, or at least JSON. */
  let isUnderstood = false
  /** Requests that stand open for as long as the server lives: nobody waits for their answer. */
  let standing = 0

  const explain = (code: ErrorCode, what: string, exit: ExitStatus = {}): Failure => {
    const stderrTail = tail.text()
    return failure(code, `Server "${server}" ${what}`, { server, ...exit, ...(stderrTail && { stderrTail }) })
  }
  const close = (because: Failure): void => {
    if (closed) return
    closed = because
    pending.failAll((written) => ({ ...because, delivered: written ? 'maybe' : 'no' }))
    connected?.group.keepAlive(false)
    // By the next turn those who wait for an answer know why none comes.
    setImmediate(() => transport.onclose?.())
  }
  const lose = (because: Failure): void => {
    if (closed || !connected) return
    const { group, writer, stdout } = connected
    writer.abandon(because)
    close(because)
    stdout.discard()
    group.kill()
    transport.onlost?.(because)
  }
  /** Loses the process for a broken pipe, unless its exit says more. */
  const loseUnlessExited = (what: string): void => {
    if (closed || isExplaining) return
    isExplaining = true
    const timer = setTimeout(() => lose(explain('CONNECTION_LOST', what)), explanationMs)
    void connected?.group.exited.then(() => clearTimeout(timer))
  }
  const loseAfterExit = async ({ group, stdout, stderr }: Connected): Promise<void> => {
    const exit = await group.exited
    await Promise.all([stdout.drained(), stderr.drained()])
    tail.flush()
    const words = lastWords(tail.text())
    lose(explain('CONNECTION_LOST', `${exitText(exit)}${words && `: ${words}`}`, exit))
  }

  const deliver = (message: Message): void => {
    try {
      transport.onmessage?.(message)
    } catch (error) {
      transport.onerror?.(error instanceof Error ? error : new Error(String(error)))
    }
  }
  const receive = receiveInto({ server, mask, pending, deliver, violation: violated })
  const take = (value: unknown): void => {
    receive(value)
    restIfIdle()
  }
  /** A server that nobody waits for does not keep the host alive. */
  const restIfIdle = (): void => {
    if (pending.size <= standing) connected?.group.keepAlive(false)
  }
  const stand = (answer: Promise<void>): void => {
    standing += 1
    const over = (): void => void (standing -= 1)
    answer.then(over, over)
  }
  const overLimit = (): Failure =>
    failure('QUEUE_FULL', `Server "${server}" must read what is sent to it, too many bytes wait`, { server })
  const overLong = `must not send a line over ${limits.messageBytes} bytes`
  /** The rest of a batch, last message first: a batch may be long and must not be taken in one go. */
  let batch: unknown[] = []
  const takeNext = (): boolean => {
    if (closed) return false
    if (batch.length > 0) {
      take(batch.pop())
      return true
    }
    const line = lines.next()
    if (line === undefined) {
      if (lines.isOverLimit) lose({ ...explain('RESPONSE_INVALID', overLong), retryable: true })
      return false
    }
    const value = parse(line)
    isUnderstood ||= value !== undefined
    if (value === undefined) skip(line)
    else if (Array.isArray(value)) batch = value.reverse()
    else take(value)
    return true
  }

  const skip = (line: string): void => {
    violated('noise', line)
    // From a program that is no MCP server this is all there is to explain it.
    if (!isUnderstood) tail.note(`(stdout) ${line}`)
  }

  const connect = (group: ProcessGroup): void => {
    const writer = createStdinWriter(group.stdin, {
      limitBytes: 4 * limits.messageBytes,
      onWritten: pending.written,
      onBroken: (error) => loseUnlessExited(`closed its stdin (${codeOf(error) ?? error.message})`),
    })
    const stdout = readFairly(group.stdout, { push: (chunk) => closed || lines.push(chunk), step: takeNext })
    const stderr = readFairly(group.stderr, { push: tail.push, step: () => false })
    group.stdout.once('close', () => loseUnlessExited('closed its stdout'))
    connected = { group, writer, stdout, stderr }
    void loseAfterExit(connected)
  }
  const start = async (): Promise<void> => {
    if (closed) throw new SupervisorError(closed)
    try {
      connect(await spawnGroup(endpoint, { server, shutdownTimeoutMs }))
    } catch (error) {
      if (!(error instanceof SupervisorError)) throw error
      const reason = { ...error.toJSON(), message: mask(error.message) }
      close(reason)
      throw new SupervisorError(reason)
    }
  }
  const closedByOwner = (): Failure => explain('CONNECTION_LOST', 'was closed before it answered')

  const transport: Transport = {
    get pid() {
      return connected?.group.pid
    },
    get stderrTail() {
      return tail.text()
    },
    start() {
      starting ??= start()
      return starting
    },
    async send(message) {
      const line = lineOf(message)
      if (closed) throw new SupervisorError({ ...closed, delivered: 'no' })
      if (!connected)
        throw new SupervisorError(failure('CONNECTION_LOST', `Server "${server}" was not started`, { server }))
      const { group, writer } = connected
      if (message.id === undefined || message.method === undefined) {
        if (message.method === 'notifications/cancelled') forget(message.params?.['requestId'])
        return writer.notify(line, overLimit)
      }
      const answer = pending.open(message.id)
      if (message.method === standingMethod) stand(answer)
      if (!writer.request(line, message.id)) pending.fail(message.id, overLimit())
      else if (pending.size - standing === 1) group.keepAlive(true)
      return answer
    },
    async close() {
      await transport.end()
    },
    async end() {
      connected?.writer.finish()
      connected?.stdout.discard()
      close(closedByOwner())
      // A start that failed has left nothing; whoever started it knows.
      await starting?.catch(() => {})
      if (!connected) return { by: 'exited' }
      const { group, writer } = connected
      return group.end().finally(() => writer.abandon(closedByOwner()))
    },
    kill() {
      connected?.writer.abandon(closedByOwner())
      connected?.stdout.discard()
      close(closedByOwner())
      if (connected) return connected.group.kill()
      // A start that failed has left nothing; whoever started it knows.
      starting?.then(() => connected?.group.kill()).catch(() => {})
    },
  }
  const forget = (id: unknown): void => {
    if ((typeof id === 'string' || typeof id === 'number') && pending.cancelled(id)) restIfIdle()
  }
  return transport
}

/** Some readers end a line at U+2028 and U+2029 too, as readline of Node 24 does: in JSON they may as well be escaped. */
function lineOf(message: Message): string {
  return `${JSON.stringify(message).replace(/[\u2028\u2029]/g, (separator) => (separator === '\u2028' ? '\\u2028' : '\\u2029'))}\n`
}

function parse(line: string): unknown {
  try {
    return parseText(line)
  } catch {
    // Noise, which the caller reports.
    return undefined
  }
}

function exitText({ exitCode, signal }: ExitStatus): string {
  return signal === undefined ? `exited with code ${exitCode}` : `was ended by ${signal}`
}
