import pc from 'picocolors'
import { describe, expect, it } from 'vitest'

import { codeFrame, linesOf } from '../../src/cli/code-frame.js'

const colors = pc.createColors(false)
const finding = { severity: 'error', code: 'bad-command', message: 'wrong', path: [] } as const

describe('a code frame', () => {
  it('points at the column, whatever the file ends its lines with', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const lines = linesOf(['{', '\t"a": 1', '}'].join(end))
      expect(codeFrame({ ...finding, line: 2, column: 2 }, 'f.json', lines, colors)).toEqual([
        'error: wrong',
        ' --> f.json:2:2',
        '2 |  "a": 1',
        '  |  ^',
      ])
    }
  })

  it('shows the part of a long line that matters', () => {
    const line = `${'x'.repeat(5_000)}HERE${'y'.repeat(5_000)}`
    const [, , shown = '', caret = ''] = codeFrame({ ...finding, line: 1, column: 5_001 }, 'f.json', [line], colors)
    expect(shown.length).toBeLessThan(200)
    expect(shown.slice(caret.indexOf('^'))).toMatch(/^HERE/)
  })

  it('names the place alone when the line is not at hand', () => {
    expect(codeFrame({ ...finding, line: 9, column: 1 }, 'f.json', [], colors)).toEqual([
      'error: wrong',
      ' --> f.json:9:1',
    ])
  })

  it('escapes what would move the cursor or turn the line', () => {
    const frame = codeFrame({ ...finding, message: 'a\u001b[2Jb', line: 1, column: 2 }, 'f.json', ['x\u202ey'], colors)
    expect(frame.filter((line) => /[\p{Cc}\p{Bidi_Control}]/u.test(line))).toEqual([])
  })
})
