import { type Cancellation, createCancellation } from '../../calls/cancellation.js'
import { onAbort } from '../../calls/on-abort.js'
import { untraced } from '../../calls/trace-context.js'
import { longestDelayMs } from '../../config/defaults.js'
import type { Caller } from './caller.js'
import type { Interruptions } from './interruptions.js'
import { type CallInFlight, type RequestOptions, type Requests, aborted } from './requests.js'
import type { SessionHost } from './session.js'
import { type Task, isOver, readTask, relatedTaskOf } from './task.js'
import { afterCreation, cancelledByServer, unlawfulTask, withStatus } from './task-failures.js'

type Body = Record<string, unknown>

/** The calls that a server of 2025-11-25 carries out as tasks. */
export interface Tasks {
  /**
   * Makes a request. A call that is wanted as a task, of a server that has tasks, begins one and follows it: the answer is
   * the result of the task. A caller who gives up has it cancelled.
   */
  request(method: string, params: Body, options: RequestOptions): Promise<Body>
  /** The server told how a task is. */
  told(params: Body): void
  /**
   * The calls in flight that a message may belong to: by its task, else as `Requests` says. Undefined when its task is
   * nobody's any more.
   */
  callers(relatedTo?: string | number, params?: Body): CallInFlight[] | undefined
}

export interface TasksParts extends Pick<SessionHost, 'server' | 'clock' | 'mask' | 'notified'> {
  readonly requests: Requests
  /** What may end the wait for a task. */
  readonly interruptions: Interruptions
  readonly capabilities: () => object | undefined
}

/** A task that somebody waits for. */
interface Followed {
  /** Of the request that began it. */
  readonly id: number
  readonly taskId: string
  readonly call: CallInFlight[]
  task: Task
  /** The server told of it since it was asked last. */
  isTold: boolean
  wake: () => void
}

/** Where the server names no time between two questions. */
const usualPollMs = 1_000
/** Whatever the server names: it is not asked more often. */
const shortestPollMs = 50
/** How long a server may take to begin, or to cancel, a task that nobody wants any more. */
const patienceMs = 5_000

/** Somebody may stop waiting for it before it rejects. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

export function createTasks(parts: TasksParts): Tasks {
  const { server, clock, mask, notified, requests, interruptions } = parts
  const followed = new Map<string, Followed>()
  /** Whose tasks are not yet named. */
  const beginning = new Set<Caller | undefined>()

  const canBe = (...path: string[]): boolean =>
    path.reduce<unknown>((at, key) => (at as Body | undefined)?.[key], parts.capabilities()) !== undefined

  async function callAsTask(params: Body, options: RequestOptions): Promise<Body> {
    const { entry, result } = await begin(params, options)
    if (!entry && result['task'] !== undefined) throw unlawfulTask(server, 'tools/call')
    // A server may answer at once.
    if (!entry) return result
    try {
      return await interruptions.guard(options.cancellation, (signal) => follow(entry, options, signal))
    } catch (error) {
      if (options.cancellation.reason !== undefined && !isOver(entry.task)) cancel(entry)
      throw error
    } finally {
      close(entry)
    }
  }

  /** At once when it is named: what the server tells of it may be in the same bytes. */
  function open(id: number, task: Task, caller: Caller | undefined): Followed {
    const call = caller ? [{ id, caller }] : []
    const entry: Followed = { id, taskId: task.taskId, call, task, isTold: false, wake: () => {} }
    followed.set(task.taskId, entry)
    notified('notifications/tasks/status', task, call)
    return entry
  }

  function close(entry: Followed): void {
    if (followed.get(entry.taskId) === entry) followed.delete(entry.taskId)
    requests.close(entry.id)
  }

  /** The request that begins a task must not be cancelled, but the task: whoever gives up meanwhile has it cancelled later. */
  async function begin(params: Body, options: RequestOptions): Promise<{ entry: Followed | undefined; result: Body }> {
    const { caller, cancellation } = options
    if (cancellation.reason !== undefined) throw aborted(server, 'no')
    const own = createCancellation()
    let entry: Followed | undefined
    const lasts = (id: number, result: Body) => {
      const task = readTask(result['task'])
      entry = task && open(id, task, caller)
      return entry !== undefined
    }
    beginning.add(caller)
    const answer = requests.request('tools/call', { ...params, task: {} }, { ...options, cancellation: own, lasts })
    try {
      return await new Promise((resolve, reject) => {
        answer.then((result) => resolve({ entry, result }), reject)
        cancellation.onCancel = () => {
          reject(aborted(server, 'maybe'))
          abandon(answer, own, () => entry)
        }
      })
    } finally {
      beginning.delete(caller)
      cancellation.onCancel = undefined
    }
  }

  function abandon(answer: Promise<Body>, own: Cancellation, begun: () => Followed | undefined): void {
    const late = clock.setTimeout(() => own.cancel('no task was begun in time'), patienceMs)
    const settled = answer.then(() => {
      const entry = begun()
      if (!entry) return
      if (!isOver(entry.task)) cancel(entry)
      close(entry)
    })
    // Whoever asked was told that it was given up.
    void settled.catch(() => {}).finally(() => clock.clearTimeout(late))
  }

  async function follow(entry: Followed, options: RequestOptions, signal: AbortSignal): Promise<Body> {
    const ask = (method: string) => askOf(method, entry, options, signal)
    let result: Promise<Body> | undefined
    while (!isOver(entry.task)) {
      // It also brings what the server asks.
      if (entry.task.status === 'input_required') result ??= handled(ask('tasks/result'))
      const early = await Promise.race([sleep(entry, options, signal), ...(result ? [result] : [])])
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
  async function sleep(entry: Followed, { caller }: RequestOptions, signal: AbortSignal): Promise<undefined> {
    const { pollInterval = usualPollMs } = entry.task
    if (entry.isTold) return
    const resume = caller?.pause()
    let timer: unknown
    let ignoreSignal = () => {}
    await new Promise<void>((resolve) => {
      entry.wake = resolve
      ignoreSignal = onAbort(signal, resolve)
      timer = clock.setTimeout(resolve, Math.min(Math.max(pollInterval, shortestPollMs), longestDelayMs))
    })
    ignoreSignal()
    clock.clearTimeout(timer)
    resume?.()
  }

  async function askOf(method: string, { taskId }: Followed, { caller }: RequestOptions, signal: AbortSignal) {
    const cancellation = createCancellation()
    const ignoreSignal = onAbort(signal, () => cancellation.cancel('the call has ended'))
    try {
      return await requests.request(method, { taskId }, { cancellation, caller, trace: untraced })
    } catch (error) {
      throw afterCreation(error)
    } finally {
      ignoreSignal()
    }
  }

  function cancel({ taskId }: Followed): void {
    if (!canBe('tasks', 'cancel')) return
    const cancellation = createCancellation()
    const late = clock.setTimeout(() => cancellation.cancel('too late'), patienceMs)
    requests
      .request('tasks/cancel', { taskId }, { cancellation, trace: untraced })
      // A task that is over, or a server that is gone: nothing is left to cancel.
      .catch(() => {})
      .finally(() => clock.clearTimeout(late))
  }

  /** Tells the caller what it does not know yet. */
  function tell(entry: Followed, task: Task): void {
    const { taskId, task: before } = entry
    entry.task = { ...task, taskId, pollInterval: task.pollInterval ?? before.pollInterval }
    if (before.status === task.status && before.statusMessage === task.statusMessage) return
    notified('notifications/tasks/status', task, entry.call)
  }

  return {
    request: (method, params, options) =>
      options.asTask && canBe('tasks', 'requests', 'tools', 'call')
        ? callAsTask(params, options)
        : requests.request(method, params, options),
    told(params) {
      const task = readTask(params)
      const entry = task && followed.get(task.taskId)
      // What was over before it was followed to its end stays so.
      if (!entry || isOver(entry.task)) return
      const isChange = task.status !== entry.task.status
      tell(entry, task)
      if (!isChange) return
      entry.isTold = true
      entry.wake()
    },
    callers(relatedTo, params = {}) {
      const taskId = relatedTaskOf(params)
      const entry = taskId === undefined ? undefined : followed.get(taskId)
      if (entry) return entry.call
      const calls = requests.callers(relatedTo)
      if (taskId === undefined) return calls
      const possible = calls.filter(({ caller }) => relatedTo !== undefined || beginning.has(caller))
      return possible.length === 0 ? undefined : possible
    },
  }
}
