import { spawn, type ChildProcess } from 'node:child_process'
import { markPrefix } from './process-tree.js'

/**
 * What the guard runs. It reads `+ <group>` and `- <group>` until its stdin ends, which happens when the host is gone in
 * whatever way, since only the host holds the other end. Then it ends the groups it was told of and not told to forget,
 * and on Linux every process that carries a mark of the host.
 */
const script = `
trap '' HUP INT TERM
groups=' '
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
marked() { grep -lsF -- "$1" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3; }
left() {
  for group in $groups; do kill -0 -- "-$group" 2>/dev/null && return 0; done
  [ -n "$(marked "$1")" ]
}
end() {
  for group in $groups; do kill -s "$2" -- "-$group"; done
  for pid in $(marked "$1"); do kill -s "$2" "$pid"; done
} 2>/dev/null
end "$1" TERM
end "$1" CONT
for turn in 1 2 3 4; do
  left "$1" || exit 0
  sleep 0.1 2>/dev/null || sleep 1
done
end "$1" KILL
# What was forked while it ran.
end "$1" KILL
`

const groups = new Set<number>()
let guard: ChildProcess | undefined

/** Has this process group ended when this process is, however that happens. No effect on Windows. */
export function guardGroup(pgid: number): void {
  groups.add(pgid)
  if (process.platform === 'win32') return
  if (guard) tell('+', pgid)
  else {
    guard = startGuard()
    for (const group of groups) tell('+', group)
  }
}

/** Takes the group back once nothing of it is left: its number may soon be somebody else's. */
export function unguardGroup(pgid: number): void {
  if (groups.delete(pgid)) tell('-', pgid)
}

function tell(change: '+' | '-', pgid: number): void {
  guard?.stdin?.write(`${change} ${pgid}\n`)
}

function startGuard(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script, 'mcpvisor-guard', markPrefix], {
    cwd: '/',
    // A session of its own: signals of the terminal and to the group of the host must not reach it.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // The next group that is guarded starts another one, which is told all of them.
  const forget = (): void => {
    if (guard === child) guard = undefined
  }
  child.on('exit', forget)
  child.on('error', (error) => {
    forget()
    process.emitWarning(`No guard could be started: servers may outlive a crash of this process (${error.message})`)
  })
  // EPIPE: the guard is gone, which its exit says as well.
  child.stdin?.on('error', forget)
  child.unref()
  // The pipe must not keep a finished host alive. It is a socket, although typed as a stream.
  if (child.stdin && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  return child
}
