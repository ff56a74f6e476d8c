import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const docs = new URL('../../docs/faults.md', import.meta.url)

/** `S01` to `S64` and the like. */
const numbered = (family: string, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, n) => `${family}${String(n + first).padStart(2, '0')}`)
const matrix = [
  ...numbered('S', 1, 64),
  ...[...numbered('H', 1, 20), 'H20a', ...numbered('H', 21, 33), ...numbered('H', 40, 47)],
  ...numbered('C', 1, 29),
  ...numbered('P', 1, 13),
  ...numbered('X', 1, 9),
]

/** The rows of docs/faults.md: what the last column says of each. */
const documented = new Map(
  [...readFileSync(docs, 'utf8').matchAll(/^\| ([SHCPX]\d\da?) \|.*\| (.*) \|$/gm)].map(
    ([, row = '', where = '']) => [row, where] as const,
  ),
)

/** The rows that a test file shows: a title begins with them, or a table of titles names them. */
function rowsOf(path: string): readonly string[] {
  const text = readFileSync(new URL(path, docs), 'utf8')
  const titles = text.matchAll(/['"`]((?:[SHCPX]\d\da?,? ?)+):|\[\s*'([SHCPX]\d\da?)',/g)
  return [...titles].flatMap(([, title = '', row = '']) => `${title} ${row}`.split(/[ ,]+/).filter(Boolean))
}

test('every row of the matrix is in docs/faults.md, once and in order, and no other row is', () => {
  expect([...documented.keys()]).toEqual(matrix)
})

test.each(matrix)('%s is shown by the tests that docs/faults.md names, or the reason why not is there', (row) => {
  const where = documented.get(row) ?? ''
  const named = [...where.matchAll(/\((\.\.\/test\/[\w/-]+\.test\.ts)\)/g)].map(([, path = '']) => path)
  if (named.length === 0) expect(where).toMatch(/^later: .{10}/)
  for (const path of named) expect(rowsOf(path)).toContain(row)
})
