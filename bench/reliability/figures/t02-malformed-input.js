import { testsIn } from '../tests.js'

/** Tests of what a peer may send that it must not. */
export async function malformedInput() {
  const [actors, faults] = await Promise.all([testsIn('test/actors/'), testsIn('test/faults/', /\b[SH]\d\d/)])
  return {
    id: 'T2',
    what: 'malformed input: frames, envelopes, listings, results: test/actors, test/faults',
    target: 'every kind of the matrix',
    measured: `${actors.length} + ${faults.length} tests`,
  }
}
