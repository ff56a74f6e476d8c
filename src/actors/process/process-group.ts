import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import spawn from 'cross-spawn'
import type { StdioEndpoint } from '../../config/entry.js'
import { SupervisorError } from '../../errors.js'
import { guardGroup, unguardGroup } from './guard.js'
import { createLadder, type ExitStatus } from './ladder.js'
import { childEnvironment } from './process-environment.js'
import { nextMark } from './process-tree.js'
import { spawnFailure } from './spawn-failure.js'
import type { EndReport } from '../transport.js'

/** A server process, the leader of a process group of its own (POSIX), with all that descends from it. */
export interface ProcessGroup {
  /** Of the leader; on POSIX also the number of the group. */
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the leader has exited, whoever still holds its pipes. Never rejects. */
  readonly exited: Promise<ExitStatus>
  /**
   * Ends all of it step by step, `shutdownTimeoutMs` each: end of stdin, SIGTERM, SIGKILL. Resolves when nothing is left:
   * no leader, no member of the group, and on Linux no descendant in another session. Idempotent.
   * @throws SupervisorError `SHUTDOWN` when something outlives SIGKILL.
   */
  end(): Promise<EndReport>
  /** Skips the gentle step, also of an `end` under way. `end` tells when it is over. */
  kill(): void
  /** Sends a signal to the whole group now, for a host that must go this instant. */
  signal(name: NodeJS.Signals): void
  /** Whether the pipes and the process keep the host's event loop alive. They do not at first. */
  keepAlive(isKept: boolean): void
}

export interface ProcessGroupOptions {
  readonly server: string
  readonly shutdownTimeoutMs: number
}

const living = new Set<ProcessGroup>()

/** Every group of this host process of which something may be left, oldest first. */
export function livingGroups(): readonly ProcessGroup[] {
  return [...living]
}

/**
 * Starts a process in a group of its own, without a shell, arguments as they are. Its environment is `childEnvironment`.
 * @throws SupervisorError `SPAWN_FAILED`; retryable when the system was short of descriptors, processes or memory.
 */
export async function spawnGroup(endpoint: StdioEndpoint, options: ProcessGroupOptions): Promise<ProcessGroup> {
  const mark = nextMark()
  const child = await spawnChild(endpoint, mark).catch((error: unknown) => {
    throw new SupervisorError(spawnFailure(options.server, endpoint, error))
  })
  const { pid, stdin, stdout, stderr, exited } = child
  const ladder = createLadder({ ...options, pid, mark, stdin, exited })

  const handles = [child.handle, stdin, stdout, stderr]
  const keepAlive = (isKept: boolean): void => {
    for (const handle of handles) if (canBeKept(handle)) handle[isKept ? 'ref' : 'unref']()
  }
  const forget = (): void => {
    living.delete(group)
    unguardGroup(pid)
    // A process in another session that was not found may hold the other ends for ever.
    for (const pipe of [stdin, stdout, stderr]) pipe.destroy()
  }
  let ended: Promise<EndReport> | undefined
  const end = (): Promise<EndReport> => {
    ended ??= ladder.descend().then((report) => {
      forget()
      return report
    })
    return ended
  }
  const group: ProcessGroup = {
    pid,
    stdin,
    stdout,
    stderr,
    exited,
    end,
    kill() {
      ladder.hurry()
      // The failure is not lost: `end` gives the same promise to whoever wants to know.
      end().catch(() => {})
    },
    signal: ladder.signal,
    keepAlive,
  }
  living.add(group)
  guardGroup(pid)
  keepAlive(false)
  return group
}

interface SpawnedChild extends Pick<ProcessGroup, 'pid' | 'stdin' | 'stdout' | 'stderr' | 'exited'> {
  readonly handle: ChildProcess
}

function spawnChild(endpoint: StdioEndpoint, mark: string): Promise<SpawnedChild> {
  return new Promise((resolve, reject) => {
    // Throws by itself for NUL characters and lists of arguments that are too long, which rejects as well.
    const handle = spawn(endpoint.command, [...endpoint.args], {
      ...(endpoint.cwd !== undefined && { cwd: endpoint.cwd }),
      env: childEnvironment(endpoint.env, mark),
      detached: process.platform !== 'win32',
      shell: false,
      stdio: 'pipe',
      windowsHide: true,
    })
    // Also later errors (a signal that could not be sent) need a listener; the exit tells what became of the process.
    handle.on('error', reject)
    const exited = new Promise<ExitStatus>((settle) => {
      handle.once('exit', (exitCode, signal) => {
        settle({ ...(exitCode !== null && { exitCode }), ...(signal !== null && { signal }) })
      })
    })
    const { pid, stdin, stdout, stderr } = handle
    // Without a pid the error event follows; without descriptors there are not even pipes.
    if (pid === undefined || !stdin || !stdout || !stderr) return
    // Whoever writes learns of a broken pipe by the callback of the write.
    stdin.on('error', () => {})
    resolve({ handle, pid, stdin, stdout, stderr, exited })
  })
}

/** Process handles and pipes can be kept; the types of Node say so of processes only. */
function canBeKept(handle: object): handle is { ref(): void; unref(): void } {
  return 'ref' in handle && 'unref' in handle
}
