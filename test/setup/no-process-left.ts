import { randomUUID } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { delimiter } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const graceMs = 5_000

/**
 * Fails a run that leaves processes behind (Linux).
 *
 * PATH is the one variable that every server, grandchild and guard is given, so it carries the mark of this run:
 * a last folder that does not exist.
 */
export default function markRun(): (() => Promise<void>) | undefined {
  if (process.platform !== 'linux') return undefined
  const mark = `/mcpvisor-test-run/${randomUUID()}`
  process.env['PATH'] += delimiter + mark

  return async () => {
    const until = performance.now() + graceMs
    while (survivors(mark).length > 0 && performance.now() < until) await sleep(50)
    const left = survivors(mark)
    for (const { pid } of left) process.kill(pid, 'SIGKILL')
    if (left.length === 0) return
    process.exitCode = 1
    throw new Error(`The tests left ${left.length} processes:\n${left.map(shown).join('\n')}`)
  }
}

interface Survivor {
  readonly pid: number
  readonly command: string
}

const shown = ({ pid, command }: Survivor): string => `  ${pid} ${command}`

function survivors(mark: string): readonly Survivor[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && read(pid, 'environ').includes(mark))
    .map((pid) => ({ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ') }))
}

/** Empty when the process is gone, is a zombie, or belongs to somebody else. */
function read(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // Nothing is lost: what we may not read is not ours.
    return ''
  }
}
