import { deaths } from '../deaths.js'
import { percentile } from '../statistics.js'

/** From kill -9 to the server having left `ready`, also when a grandchild holds its pipes. */
export async function deathSeen() {
  const { seen, kills, killsWithHeldPipes } = await deaths()
  const [p50, p99] = [percentile(seen, 50), percentile(seen, 99)]
  return {
    id: 'T10',
    what: 'death seen, p50 and p99',
    target: '<= 10 ms, <= 50 ms',
    measured: `${p50.toFixed(1)} ms, ${p99.toFixed(1)} ms (${seen.length} of ${kills + killsWithHeldPipes} kills)`,
    ok: seen.length === kills + killsWithHeldPipes && p50 <= 10 && p99 <= 50,
  }
}
