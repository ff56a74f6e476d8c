import { createSupervisor } from 'mcpvisor'

import { echo } from '../fixtures.js'
import { reloadStorm } from '../reload-storm.js'
import { median } from '../statistics.js'

const servers = 1_000
const warmUps = 15
const rounds = 15

/** Whether reloads leave equal servers alone, and what one costs that changes nothing. */
export async function reload() {
  const { reloads, isUntouched } = await reloadStorm()
  const configOf = () => ({ mcpServers: Object.fromEntries(Array.from({ length: servers }, (_, n) => [`s${n}`, echo()])) })
  const supervisor = createSupervisor(configOf())
  const times = []
  for (let round = 0; round < warmUps + rounds; round++) {
    const config = configOf()
    const startedAt = performance.now()
    const { unchanged } = await supervisor.reload(config)
    if (unchanged?.length !== servers) throw new Error('a reload of an equal configuration must change nothing')
    if (round >= warmUps) times.push(performance.now() - startedAt)
  }
  await supervisor.close()
  return {
    id: 'T15',
    what: 'unchanged servers keep pid and session; no-op reload of 1,000 servers',
    target: 'all in 500 reloads, <= 20 ms',
    measured: `${isUntouched ? 'all' : 'NOT ALL'} in ${reloads} reloads, ${median(times).toFixed(0)} ms`,
    ok: isUntouched && median(times) <= 20,
  }
}
