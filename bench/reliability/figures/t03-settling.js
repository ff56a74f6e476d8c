import { chaos } from '../chaos.js'

/** Calls that never settle, settle twice, or settle after their deadline, under chaos and kills. */
export async function settling() {
  const { history, settled, slackMs } = await chaos()
  const never = history.filter(({ outcome }) => outcome === undefined).length
  const twice = [...settled.values()].filter((times) => times > 1).length
  const late = history.filter(({ lateMs }) => lateMs > slackMs).length
  const wrong = never + twice + late
  return {
    id: 'T3',
    what: 'calls that never settle, settle twice, or late',
    target: '0',
    measured: `${wrong} of ${history.length} (latest ${Math.max(...history.map(({ lateMs }) => lateMs)).toFixed(0)} ms after a timer)`,
    ok: wrong === 0,
  }
}
