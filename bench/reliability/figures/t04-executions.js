import { chaos } from '../chaos.js'

/** Calls executed twice, by another server than the one named, or answered with the answer of another call. */
export async function executions() {
  const { history, executions: executed, crashes, kills } = await chaos()
  const servers = new Map(history.map(({ key, server }) => [key, server]))
  const twice = [...executed.values()].filter((by) => by.length > 1).length
  const astray = [...executed].filter(([key, by]) => by.some((server) => server !== servers.get(key))).length
  const foreign = history.filter(({ outcome }) => outcome.ok && !outcome.isOwn).length
  const wrong = twice + astray + foreign
  return {
    id: 'T4',
    what: 'calls executed twice or by another server, or given a foreign answer',
    target: '0',
    measured: `${wrong} of ${history.length} (${crashes} crashes, ${kills} of them kills)`,
    ok: wrong === 0,
  }
}
