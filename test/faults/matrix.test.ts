import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('./', import.meta.url)

/** `S01` to `S64` and the like. */
const numbered = (family: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${family}${String(n + 1).padStart(2, '0')}`)
const matrix = [...numbered('S', 64), ...numbered('C', 29), ...numbered('P', 13), ...numbered('X', 9)]

/** The rows that each file shows: a title begins with them, or a table of titles names them. */
const shown = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts') && file !== 'matrix.test.ts')
    .map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8')
      const titles = [...text.matchAll(/['`]((?:[SCPX]\d\d ?)+):|\[\s*'([SCPX]\d\d)',/g)]
      return [
        file,
        new Set(titles.flatMap(([, title = '', row = '']) => `${title} ${row}`.split(' ').filter(Boolean))),
      ] as const
    }),
)

/** The rows of docs/faults.md: what the last column says of each. */
const documented = new Map(
  [...readFileSync(new URL('../../docs/faults.md', folder), 'utf8').matchAll(/^\| ([SCPX]\d\d) \|.*\| (.*) \|$/gm)].map(
    ([, row = '', where = '']) => [row, where] as const,
  ),
)

test('every row of the matrix is in docs/faults.md, once and in order, and no other row is', () => {
  expect([...documented.keys()]).toEqual(matrix)
})

test.each(matrix)('%s is shown by the tests that docs/faults.md names, or the reason why not is there', (row) => {
  const where = documented.get(row) ?? ''
  const named = [...where.matchAll(/faults\/([\w-]+\.test\.ts)/g)].map(([, file = '']) => file)
  if (named.length === 0) expect(where).toMatch(/^later: .{10}/)
  for (const file of named) expect(shown.get(file)).toContain(row)
})

test('no test is for a row that does not exist', () => {
  expect([...shown.values()].flatMap((rows) => [...rows]).filter((row) => !matrix.includes(row))).toEqual([])
})
