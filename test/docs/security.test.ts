import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const rows = [...read('SECURITY.md').matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].slice(1)
const known = new Set([
  ...[...read('docs/faults.md').matchAll(/^\| ([SHCPX]\d\da?) \|/gm)].map(([, row]) => row),
  ...[...read('docs/reliability.md').matchAll(/^\| (T\d+) \|/gm)].map(([, figure]) => figure),
])

/** `S48 to S52` is five rows. */
function cited(text: string): string[] {
  const spans = text.replace(/([A-Z])(\d\d) to \1(\d\d)/g, (_, family: string, first: string, last: string) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (__, n) => `${family}${Number(first) + n}`).join(' '),
  )
  return spans.match(/\b[SHCPXT]\d+a?\b/g) ?? []
}

describe('SECURITY.md', () => {
  it('names the risks of the specification and more', () => {
    expect(rows.length).toBeGreaterThanOrEqual(20)
  })

  it.each(rows.map(([, risk = '', , , tests = '']) => ({ risk, tests })))('has tests for: $risk', ({ tests }) => {
    const links = [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path)
    expect(cited(tests).length + links.length).toBeGreaterThan(0)
    expect(cited(tests).filter((row) => !known.has(row))).toEqual([])
    for (const path of links) expect(path.endsWith('.test.ts') && existsSync(new URL(path, root))).toBe(true)
  })
})
