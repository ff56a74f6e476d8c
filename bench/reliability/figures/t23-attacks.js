import { readFile } from 'node:fs/promises'

import { testsIn } from '../tests.js'

const rowId = /\bX\d\d(?=: )/

const risk = /^\| (?!risk |---)[^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \|$/gm

/** Tests of the security rows of the fault matrix; `test/docs/security.test.ts` holds SECURITY.md to its tests. */
export async function attacks() {
  const tests = await testsIn('test/faults/', rowId)
  const risks = (await readFile(new URL('../../../SECURITY.md', import.meta.url), 'utf8')).match(risk)
  const rows = new Set(tests.flatMap(({ title }) => rowId.exec(title)?.[0] ?? []))
  return {
    id: 'T23',
    what: 'security rows of the fault matrix with a test, risks in SECURITY.md with their tests',
    target: '9, 20 or more',
    measured: `${rows.size} rows in ${tests.length} tests, ${risks.length} risks`,
  }
}
