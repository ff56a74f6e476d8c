import { chaos } from '../chaos.js'

/** Failures that say `no` although the server executed the call, and answers of calls that nobody executed. */
export async function certainty() {
  const { history, executions } = await chaos()
  const failed = history.filter(({ outcome }) => !outcome.ok)
  const lies = failed.filter(({ key, outcome }) => outcome.delivered === 'no' && executions.has(key)).length
  const conjured = history.filter(({ key, outcome }) => outcome.ok && !executions.has(key)).length
  const by = (delivered) => failed.filter(({ outcome }) => outcome.delivered === delivered).length
  return {
    id: 'T5',
    what: 'failures with a wrong certainty',
    target: '0',
    measured: `${lies + conjured} of ${failed.length} (${by('no')} no, ${by('maybe')} maybe, ${by('yes')} yes)`,
    ok: lies + conjured === 0,
  }
}
