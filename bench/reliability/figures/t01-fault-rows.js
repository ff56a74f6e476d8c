import { testsIn } from '../tests.js'

const rowId = /\b[SHCPX]\d\d\d?a?(?=[:, ])/g

/** Rows of the fault matrix with a test of their own. */
export async function faultRows() {
  const tests = await testsIn('test/faults/')
  const rows = new Set(tests.flatMap(({ title }) => title.match(rowId) ?? []))
  return {
    id: 'T1',
    what: 'rows of the fault matrix with a test of their own: test/faults',
    target: '157, or the reason in docs/faults.md',
    measured: `${rows.size} rows in ${tests.length} tests`,
  }
}
