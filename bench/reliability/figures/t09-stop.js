import { createSupervisor } from 'mcpvisor'

import { echo, faulty } from '../fixtures.js'
import { median } from '../statistics.js'

const rounds = 3

/** How long `close` takes for 50 servers that end with their stdin, and for 20 that only SIGKILL ends. */
export async function stop() {
  const wellBehaved = []
  for (let round = 0; round < rounds; round++) wellBehaved.push(await closeOf(50, echo()))
  const stubborn = await closeOf(20, faulty({ end: 'ignore', term: 'ignore' }))
  return {
    id: 'T9',
    what: 'stop of 50 well-behaved and of 20 stubborn servers',
    target: '<= 300 ms, <= 4.5 s',
    measured: `${median(wellBehaved).toFixed(0)} ms (median of ${rounds}), ${(stubborn / 1_000).toFixed(2)} s`,
    ok: median(wellBehaved) <= 300 && stubborn <= 4_500,
  }
}

async function closeOf(count, entry) {
  const mcpServers = Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${n}`, entry]))
  const supervisor = createSupervisor({ mcpServers })
  await Promise.all(supervisor.servers().map((name) => supervisor.connect(name)))
  const startedAt = performance.now()
  const { closed } = await supervisor.close()
  if (closed !== count) throw new Error(`${count} servers must be closed, got ${closed}`)
  return performance.now() - startedAt
}
