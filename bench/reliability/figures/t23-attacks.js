import { testsIn } from '../tests.js'

const rowId = /\bX\d\d(?=: )/

/** Tests of the security rows of the fault matrix. */
export async function attacks() {
  const tests = await testsIn('test/faults/', rowId)
  const rows = new Set(tests.flatMap(({ title }) => rowId.exec(title)?.[0] ?? []))
  return {
    id: 'T23',
    what: 'security rows of the fault matrix with a test: test/faults',
    target: '9, or what is not built in SECURITY.md',
    measured: `${rows.size} rows in ${tests.length} tests`,
  }
}
