import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { SupervisorError, codeOf, failure } from '../../errors.js'
import { runningProcesses, type RunningProcess } from './process-tree.js'
import type { EndReport } from '../transport.js'

/** How the leader of a group ended. */
export interface ExitStatus {
  readonly exitCode?: number
  readonly signal?: string
}

/** The steps by which a process group and its descendants are ended, each harder than the one before. */
export interface Ladder {
  /** Goes down until nothing is left. To be called once. */
  descend(): Promise<EndReport>
  /** Does not wait for the gentle step any longer. */
  hurry(): void
  /** Signals the group at once. */
  signal(name: NodeJS.Signals): void
}

export interface LadderOptions {
  readonly server: string
  /** Of the leader, and the number of its group. */
  readonly pid: number
  /** Found in the environment of every descendant. */
  readonly mark: string
  readonly stdin: Writable
  readonly exited: Promise<ExitStatus>
  /** The time each step is given. */
  readonly shutdownTimeoutMs: number
}

const isWindows = process.platform === 'win32'

export function createLadder({ server, pid, mark, stdin, exited, shutdownTimeoutMs }: LadderOptions): Ladder {
  let status: ExitStatus | undefined
  void exited.then((exit) => (status = exit))
  let hurry = (): void => {}
  const hurried = new Promise<void>((resolve) => (hurry = resolve))

  /** Signals the group; false when it has no member. Once that was seen its number is no longer ours to signal. */
  let hasMembers = true
  const signal = (name: NodeJS.Signals | 0): boolean => {
    hasMembers &&= send(isWindows ? pid : -pid, name)
    return hasMembers
  }
  /** What still runs. Where processes cannot be seen, the leader stands for its whole group. */
  const survivors = async (): Promise<readonly Pick<RunningProcess, 'pid' | 'group'>[]> => {
    const isGroupLeft = signal(0)
    const running = await runningProcesses()
    if (!running) return isGroupLeft ? [{ pid, group: pid }] : []
    return running.filter(({ group, marks }) => (isGroupLeft && group === pid) || marks.includes(mark))
  }
  const isGone = async (): Promise<boolean> => status !== undefined && (await survivors()).length === 0

  /** Signals all of it, also what appears meanwhile, until nothing is left or the time of a step is over. */
  const signalUntilGone = async (name: 'SIGTERM' | 'SIGKILL'): Promise<boolean> => {
    const deadline = performance.now() + shutdownTimeoutMs
    const told = new Set<number>()
    if (isWindows) endWindowsTree(pid)
    else signal(name)
    // A stopped process acts on SIGTERM only when it continues.
    signal('SIGCONT')
    for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 100)) {
      await within(pauseMs, status ? [] : [exited])
      const left = await survivors()
      if (left.length === 0 && status) return true
      if (performance.now() >= deadline) return false
      if (name === 'SIGKILL') signal(name)
      for (const other of left) {
        if (other.group === pid || told.has(other.pid)) continue
        told.add(other.pid)
        send(other.pid, name)
        send(other.pid, 'SIGCONT')
      }
    }
  }

  return {
    hurry,
    signal(name) {
      signal(name)
    },
    async descend() {
      const gentle = status ? 'exited' : 'stdin'
      const report = (by: EndReport['by']): EndReport => ({ by, ...status })
      stdin.end()
      await within(shutdownTimeoutMs, [exited, hurried])
      if (await isGone()) return report(gentle)
      if (await signalUntilGone('SIGTERM')) return report(isWindows ? 'SIGKILL' : 'SIGTERM')
      if (await signalUntilGone('SIGKILL')) return report('SIGKILL')
      const left = (await survivors()).map((running) => running.pid).join(', ')
      throw new SupervisorError(
        failure('SHUTDOWN', `Server "${server}": its processes must end on SIGKILL, still running: ${left}`, {
          server,
          phase: 'shutdown',
        }),
      )
    },
  }
}

/** Waits until one of the events or the end of the time, whichever is first, and leaves no timer behind. */
async function within(ms: number, events: readonly Promise<unknown>[]): Promise<void> {
  const timer = new AbortController()
  const timeUp = sleep(ms, undefined, { signal: timer.signal }).catch(() => {}) // Aborted: an event came first.
  await Promise.race([timeUp, ...events])
  timer.abort()
}

/** Sends a signal to a process, or to a group by its negative number; false when there is none. */
function send(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, name)
  } catch (error) {
    // Anything but "no such process" (say, EPERM after a change of user) means that one is there.
    return codeOf(error) !== 'ESRCH'
  }
}

/** Ends a process and its children on Windows, where groups and gentle signals do not exist. */
function endWindowsTree(pid: number): void {
  const taskkill = spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true })
  // Whether it helped is seen by the exit of the process itself.
  taskkill.on('error', () => {})
}
