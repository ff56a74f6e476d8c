import { deaths } from '../deaths.js'
import { percentile } from '../statistics.js'

/** From kill -9 to the next successful call. */
export async function recovery() {
  const { healed } = await deaths()
  const [p50, p95] = [percentile(healed, 50), percentile(healed, 95)]
  return {
    id: 'T11',
    what: 'kill -9 to the next successful call, p50 and p95',
    target: '<= 200 ms, <= 350 ms',
    measured: `${p50.toFixed(0)} ms, ${p95.toFixed(0)} ms (${healed.length} kills)`,
    ok: p50 <= 200 && p95 <= 350,
  }
}
