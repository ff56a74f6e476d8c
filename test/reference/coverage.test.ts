import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'

const rows = Array.from({ length: 86 }, (_, n) => `S${n + 1}`)

/** The row that opens the title of each test here, with the flaw that replaces it. */
const titles = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.test.ts') && !import.meta.filename.endsWith(file))
  .flatMap((file) => [...readFileSync(`${import.meta.dirname}/${file}`, 'utf8').matchAll(/'(S\d+)(?: \(F\d+\))?: ./g)])
  .map(([, row]) => row)

test('every row of the reference behaviour has a test', () => {
  expect(rows.filter((row) => !titles.includes(row))).toEqual([])
})

test('every title names a row that exists', () => {
  expect(titles.filter((row) => !rows.includes(String(row)))).toEqual([])
})
