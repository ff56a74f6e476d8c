import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { childrenOf, privateKiB, processesWith } from '../processes.js'
import { markOf, shapedServers } from '../shapes.js'

const targetMs = 1_500
const patienceMs = 10_000

/** Shapes of servers of which a process is left when the host itself was killed. */
export async function orphansAfterKill() {
  const mark = randomUUID()
  const names = Object.keys(shapedServers(mark))
  const host = spawn(process.execPath, [fileURLToPath(new URL('../killed-host.js', import.meta.url)), mark], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(host.stdout, 'data')
  const guard = childrenOf(host.pid).find(({ command }) => command.includes('mcpvisor-guard'))
  const guardMiB = guard ? privateKiB(guard.pid) / 1024 : NaN
  const startedAt = performance.now()
  host.kill('SIGKILL')
  const elapsed = () => performance.now() - startedAt
  while (processesWith(mark).length > 0 && elapsed() < patienceMs) await sleep(20)
  const ms = elapsed()
  const left = names.filter((name) => processesWith(markOf(mark, name)).length > 0)
  for (const pid of processesWith(mark)) process.kill(pid, 'SIGKILL')
  return {
    id: 'T8',
    what: 'shapes of servers that leave a process after kill -9 of the host',
    target: `0 after ${targetMs} ms, guard <= 2 MiB`,
    measured: `${left.length} of ${names.length} after ${ms.toFixed(0)} ms, guard ${guardMiB.toFixed(1)} MiB ${left.join(', ')}`.trim(),
    ok: left.length === 0 && ms <= targetMs && guardMiB <= 2,
  }
}
