import { randomUUID } from 'node:crypto'

import { createSupervisor } from 'mcpvisor'

import { childrenOf, processesWith } from '../processes.js'
import { markOf, shapedServers, takeShape } from '../shapes.js'

/** Shapes of servers of which a process is left when `close` resolves, zombies of ours included. */
export async function orphansAfterClose() {
  const mark = randomUUID()
  const mcpServers = shapedServers(mark)
  const names = Object.keys(mcpServers)
  const supervisor = createSupervisor({ mcpServers })
  await takeShape(supervisor)
  const missing = names.filter((name) => processesWith(markOf(mark, name)).length === 0)
  if (missing.length > 0) throw new Error(`every shape must have a process before it is closed, not so ${missing.join()}`)
  const startedAt = performance.now()
  await supervisor.close()
  const seconds = (performance.now() - startedAt) / 1_000
  const left = names.filter((name) => processesWith(markOf(mark, name)).length > 0)
  const zombies = childrenOf().filter(({ state }) => state === 'Z').length
  return {
    id: 'T7',
    what: 'shapes of servers that leave a process after close()',
    target: '0',
    measured: `${left.length} of ${names.length}, ${zombies} zombies, closed in ${seconds.toFixed(1)} s ${left.join(', ')}`.trim(),
    ok: left.length + zombies === 0,
  }
}
