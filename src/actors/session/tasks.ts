import { type Cancellation, createCancellation } from '../../calls/cancellation.js'
import { untraced } from '../../calls/trace-context.js'
import type { Caller } from './caller.js'
import type { CallInFlight } from './call-in-flight.js'
import { type FollowedTask, followTask } from './follow-task.js'
import type { Interruptions } from './interruptions.js'
import { type RequestOptions, type Requests, aborted } from './requests.js'
import type { SessionHost } from './session.js'
import { type Task, isOver, readTask, relatedTaskOf } from './task.js'
import { unlawfulTask } from './task-failures.js'

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

/** How long a server may take to begin, or to cancel, a task that nobody wants any more. */
const patienceMs = 5_000

export function createTasks(parts: TasksParts): Tasks {
  const { server, clock, notified, requests, interruptions } = parts
  const followed = new Map<string, FollowedTask>()
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
      return await interruptions.guard(options.cancellation, (signal) =>
        followTask({ ...parts, tell }, entry, options, signal),
      )
    } catch (error) {
      if (options.cancellation.reason !== undefined && !isOver(entry.task)) cancel(entry)
      throw error
    } finally {
      close(entry)
    }
  }

  /** At once when it is named: what the server tells of it may be in the same bytes. */
  function open(id: number, task: Task, caller: Caller | undefined): FollowedTask {
    const call = caller ? [{ id, caller }] : []
    const entry: FollowedTask = { id, taskId: task.taskId, call, task, isTold: false, wake: () => {} }
    followed.set(task.taskId, entry)
    notified('notifications/tasks/status', task, call)
    return entry
  }

  function close(entry: FollowedTask): void {
    if (followed.get(entry.taskId) === entry) followed.delete(entry.taskId)
    requests.close(entry.id, isOver(entry.task))
  }

  /** The request that begins a task must not be cancelled, but the task: whoever gives up meanwhile has it cancelled later. */
  async function begin(
    params: Body,
    options: RequestOptions,
  ): Promise<{ entry: FollowedTask | undefined; result: Body }> {
    const { caller, cancellation } = options
    if (cancellation.reason !== undefined) throw aborted(server, 'no')
    const own = createCancellation()
    let entry: FollowedTask | undefined
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

  function abandon(answer: Promise<Body>, own: Cancellation, begun: () => FollowedTask | undefined): void {
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

  function cancel({ taskId }: FollowedTask): void {
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
  function tell(entry: FollowedTask, task: Task): void {
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
