import { expect, test } from 'vitest'
import { createViolationReport } from '../../../src/actors/wire/violations.js'

test('reports the first of each kind and holds back the others of the same second', () => {
  const reports: string[] = []
  const report = createViolationReport(
    { violation: (kind, detail) => reports.push(`${kind}: ${detail}`) },
    (text) => text,
  )
  for (let n = 0; n < 100; n += 1) report('noise', `line ${n}`)
  report('stray-answer', 'id 7')
  expect(reports).toEqual(['noise: line 0', 'stray-answer: id 7'])
})

test('masks, escapes and cuts the detail', () => {
  const reports: string[] = []
  const mask = (text: string): string => text.replaceAll('secret', '***')
  const report = createViolationReport({ violation: (_, detail) => reports.push(detail) }, mask)
  report('noise', `\u001bsecret${'x'.repeat(1e6)}`)
  expect(reports[0]).toMatch(/^\\u001b\*\*\*x+$/)
  expect(reports[0]).toHaveLength(200)
})
