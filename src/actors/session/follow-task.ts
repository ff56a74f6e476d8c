import { createCancellation } from '../../calls/cancellation.js'
import { onAbort } from '../../calls/on-abort.js'
import { untraced } from '../../calls/trace-context.js'
import type { CallInFlight } from './call-in-flight.js'
import { alreadySent } from './already-sent.js'
import { startPause } from './pause.js'
import type { RequestOptions, Requests } from './requests.js'
import type { SessionHost } from './session.js'
import { type Task, isOver, readTask } from './task.js'
import { cancelledByServer, unlawfulTask, withStatus } from './task-failures.js'

type Body = Record<string, unknown>

/** A task that somebody waits for. */
export interface FollowedTask {
  /** Of the request that began it. */
  readonly id: number
  readonly taskId: string
  readonly call: CallInFlight[]
  task: Task
  /** The server told of it since it was asked last. */
  isTold: boolean
  wake: () => void
}

export interface FollowParts extends Pick<SessionHost, 'server' | 'clock' | 'mask'> {
  readonly requests: Requests
  /** The server said how the task is. */
  readonly tell: (entry: FollowedTask, task: Task) => void
}

/** Where the server names no time between two questions. */
const usualPollMs = 1_000
/** Whatever the server names: it is not asked more often. */
const shortestPollMs = 50

/** Asks how a task is until it is over, and then for its result; the signal ends that. */
export async function followTask(
  parts: FollowParts,
  entry: FollowedTask,
  options: RequestOptions,
  signal: AbortSignal,
): Promise<Body> {
  const { server, mask, tell } = parts
  const ask = (method: string) => askOf(parts, method, entry, options, signal)
  let result: Promise<Body> | undefined
  while (!isOver(entry.task)) {
    // It also brings what the server asks.
    if (entry.task.status === 'input_required') result ??= handled(ask('tasks/result'))
    const early = await Promise.race([sleep(parts, entry, options, signal), ...(result ? [result] : [])])
    entry.wake()
    if (early) return early
    entry.isTold = false
    const task = readTask(await ask('tasks/get'))
    if (!task) throw unlawfulTask(server, 'tasks/get')
    // What was told meanwhile is newer.
    if (!entry.isTold) tell(entry, task)
  }
  const { task } = entry
  if (task.status === 'cancelled') throw cancelledByServer(server, task, mask)
  return (result ?? ask('tasks/result')).catch((error: unknown) => {
    throw task.status === 'failed' ? withStatus(error, task, mask) : error
  })
}

/** Until the server is to be asked again, silence is what it asked for. */
async function sleep(
  { clock }: FollowParts,
  entry: FollowedTask,
  { caller }: RequestOptions,
  signal: AbortSignal,
): Promise<undefined> {
  const { pollInterval = usualPollMs } = entry.task
  if (entry.isTold) return
  const resume = caller?.pause()
  const pause = startPause(clock, Math.max(pollInterval, shortestPollMs), signal)
  entry.wake = pause.end
  await pause.over
  resume?.()
}

async function askOf(
  { requests }: FollowParts,
  method: string,
  { taskId }: FollowedTask,
  { caller }: RequestOptions,
  signal: AbortSignal,
): Promise<Body> {
  signal.throwIfAborted()
  const cancellation = createCancellation()
  const ignoreSignal = onAbort(signal, () => cancellation.cancel('the call has ended'))
  try {
    return await requests.request(method, { taskId }, { cancellation, caller, trace: untraced })
  } catch (error) {
    throw alreadySent(error)
  } finally {
    ignoreSignal()
  }
}

/** Somebody may stop waiting for it before it rejects. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
