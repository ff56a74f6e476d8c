import { reloadStorm } from '../reload-storm.js'

/** Calls received by a generation that was replaced before they were issued. */
export async function staleConfiguration() {
  const { reloads, refused, history, generations, resolvedAt } = await reloadStorm()
  const isStale = ({ key, server, issuedAt }) => {
    const times = resolvedAt[server]
    const generation = generations.get(key)
    if (!times || generation === undefined) return false
    return [...times].some(([later, at]) => later > generation && at < issuedAt)
  }
  const stale = history.filter(isStale).length
  const failed = history.filter(({ failure }) => failure).length
  return {
    id: 'T6',
    what: 'calls on a stale configuration',
    target: '0 in 500 reloads under 10,000 calls',
    measured: `${stale} in ${reloads} reloads under ${history.length} calls, ${failed} calls failed`,
    ok: stale === 0 && refused === 0 && failed === 0,
  }
}
