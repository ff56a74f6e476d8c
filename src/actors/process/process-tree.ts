import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { codeOf } from '../../errors.js'

/** The environment variable by which a process is known to descend from a server of ours, whatever its session or parent. */
export const markVariable = 'MCPVISOR_OWNER'

/** Begins every mark that this process gives: unique on this machine. */
export const markPrefix = `${process.pid}:${randomBytes(6).toString('hex')}:`

let marks = 0

/** A mark nobody has yet. */
export function nextMark(): string {
  marks += 1
  return `${markPrefix}${marks}`
}

/**
 * The value of the variable for a child with this mark. The marks under which we run ourselves are passed on, so that a
 * supervisor above us finds our servers too.
 */
export function markValue(mark: string): string {
  const inherited = process.env[markVariable]
  return inherited ? `${mark} ${inherited}` : mark
}

/** A living process (not a zombie) as /proc shows it. */
export interface RunningProcess {
  readonly pid: number
  readonly group: number
  readonly marks: readonly string[]
}

let scanning: Promise<unknown> = Promise.resolve()
let nextScan: Promise<readonly RunningProcess[] | undefined> | undefined

/**
 * All processes we may look at, by a scan of /proc that begins after this call; those who ask together share one.
 * Undefined where they cannot be seen: on other systems than Linux, or with no file descriptor to spare.
 */
export function runningProcesses(): Promise<readonly RunningProcess[] | undefined> {
  nextScan ??= scanning.then(() => {
    nextScan = undefined
    const scan = scanProcesses()
    scanning = scan
    return scan
  })
  return nextScan
}

const processesPerTurn = 50

async function scanProcesses(): Promise<readonly RunningProcess[] | undefined> {
  if (process.platform !== 'linux') return undefined
  const found: RunningProcess[] = []
  try {
    const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    for (const [index, name] of names.entries()) {
      // /proc answers from memory: reading in place is several times cheaper than through the thread pool.
      if (index % processesPerTurn === processesPerTurn - 1) await nextTurn()
      const running = readProcess(name)
      if (running) found.push(running)
    }
    return found
  } catch {
    // No /proc, or no descriptor left to read it: the caller makes do with what it knows of the group.
    return undefined
  }
}

function readProcess(name: string): RunningProcess | undefined {
  const stat = readProc(name, 'stat')
  // The command may hold any character; the fields after its last parenthesis are state, parent, group.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (!state || state === 'Z' || state === 'X') return undefined
  const variable = readProc(name, 'environ')
    .split('\0')
    .find((entry) => entry.startsWith(`${markVariable}=`))
  const marks = variable?.slice(markVariable.length + 1).split(' ') ?? []
  return { pid: Number(name), group: Number(group), marks }
}

/** Nothing of a process that has ended meanwhile or belongs to another user: it is none of ours. */
function readProc(name: string, file: string): string {
  try {
    return readFileSync(`/proc/${name}/${file}`, 'latin1')
  } catch (error) {
    if (hidden.has(codeOf(error))) return ''
    throw error
  }
}

const hidden: ReadonlySet<unknown> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])
