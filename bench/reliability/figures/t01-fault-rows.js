import { readFile } from 'node:fs/promises'

const page = new URL('../../../docs/faults.md', import.meta.url)

/** Rows of the fault matrix that a test shows; `test/faults/matrix.test.ts` holds docs/faults.md to it. */
export async function faultRows() {
  const rows = [...(await readFile(page, 'utf8')).matchAll(/^\| ([SHCPX]\d\da?) \|.*\| (.*) \|$/gm)]
  const later = rows.filter(([, , where]) => where.startsWith('later')).map(([, row]) => row)
  return {
    id: 'T1',
    what: 'rows of the fault matrix that a test shows',
    target: 'all, or the reason in docs/faults.md',
    measured: `${rows.length - later.length} of ${rows.length}${later.length > 0 ? `, later: ${later.join(' ')}` : ''}`,
  }
}
