/** The processes of this machine as /proc shows them: Linux only, as are the figures that count processes. */
import { readFileSync, readdirSync } from 'node:fs'

/** Living processes that were started with this text in their environment. Descendants inherit it. */
export function processesWith(text) {
  return pids().filter((pid) => stateOf(pid) !== 'Z' && read(pid, 'environ').includes(text))
}

/** Children of a process, as `{ pid, state, command }`; state `Z` is a zombie. */
export function childrenOf(parent = process.pid) {
  return pids()
    .filter((pid) => statOf(pid)[1] === String(parent))
    .map((pid) => ({ pid, state: stateOf(pid), command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
}

/** Pids of the children of a process, of theirs, and so on. */
export function descendantsOf(parent) {
  return childrenOf(parent).flatMap(({ pid }) => [pid, ...descendantsOf(pid)])
}

/** When a process began, in ticks since the machine did: with its pid, what makes it that process and no other. Undefined once it is gone. */
export function startedAt(pid) {
  return statOf(pid)[19]
}

/** Whether it is that process that still runs: its pid may be another's by now, and a zombie does not run. */
export function isAlive({ pid, startedAt: at }) {
  return at !== undefined && startedAt(pid) === at && stateOf(pid) !== 'Z'
}

/** Memory of a process that no other shares, in KiB. */
export function privateKiB(pid) {
  const amounts = read(pid, 'smaps_rollup').matchAll(/^Private_\w+:\s+(\d+) kB/gm)
  return [...amounts].reduce((sum, [, kib]) => sum + Number(kib), 0)
}

const pids = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
const stateOf = (pid) => statOf(pid)[0]

/** State, parent, group …: the fields after the command, which may hold any character. */
function statOf(pid) {
  const stat = read(pid, 'stat')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    // It has ended meanwhile, or belongs to somebody else: none of ours.
    return ''
  }
}
