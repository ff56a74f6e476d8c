import { setImmediate as nextTurn } from 'node:timers/promises'

import { createSupervisor } from 'mcpvisor'

import { heapInUse } from '../collect-garbage.js'
import { echo } from '../fixtures.js'
import { childrenOf } from '../processes.js'

const servers = 1_000

/** What 1,000 servers cost that nobody has used. */
export async function idleServers() {
  const mcpServers = Object.fromEntries(Array.from({ length: servers }, (_, n) => [`s${n}`, echo()]))
  const processesBefore = childrenOf().length
  const heapBefore = heapInUse()
  const supervisor = createSupervisor({ mcpServers })
  while (!supervisor.statuses().every(({ state }) => state === 'idle')) await nextTurn()
  const heapMiB = (heapInUse() - heapBefore) / 2 ** 20
  const startedAt = performance.now()
  supervisor.statuses()
  const statusMs = performance.now() - startedAt
  const processes = childrenOf().length - processesBefore
  await supervisor.close()
  return {
    id: 'T16',
    what: '1,000 configured servers, unused',
    target: '0 processes, <= 10 MiB, status <= 50 ms',
    measured: `${processes} processes, ${heapMiB.toFixed(1)} MiB, status ${statusMs.toFixed(1)} ms`,
    ok: processes === 0 && heapMiB <= 10 && statusMs <= 50,
  }
}
