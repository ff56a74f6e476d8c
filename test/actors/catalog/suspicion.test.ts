import { expect, test } from 'vitest'
import { suspicionOf } from '../../../src/actors/catalog/suspicion.js'

const tool = (name: string, description = 'Reads a file.\n\n- \u{1F469}\u200D\u{1F4BB} **path**\tthe file') => ({
  name,
  description,
  inputSchema: {},
})

test.each(['read_file', 'файл', 'datei-größe', '読む'])('finds nothing wrong with the name %s', (name) => {
  expect(suspicionOf(tool(name))).toBeUndefined()
})

test.each([
  ['letters of two scripts that look alike', tool('rеad_file'), 'name: it mixes letters of scripts that look alike'],
  ['a name with a bidirectional control', tool('read\u202Efile'), 'name: it holds invisible or control characters'],
  ['an escape in the description', tool('a', '\u001b[8m'), 'description: it holds invisible or control characters'],
  ['invisible tags', tool('a', 'Adds.\u{E0041}\u{E0042}'), 'description: it holds invisible or control characters'],
])('names %s', (_, suspicious, reason) => {
  expect(suspicionOf(suspicious)).toBe(reason)
})
