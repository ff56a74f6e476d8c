import { describe, expect, test } from 'vitest'
import { type LocatedFinding, loadConfig } from '../../src/config/load.js'
import { parseConfig } from '../../src/config/parse.js'
import { corpus, decisive, textOf } from './corpus.js'

const codesOf = (findings: readonly LocatedFinding[]) =>
  decisive(findings.map(({ severity, code }) => `${severity}:${code}`))

test('the corpus is whole', () => expect(corpus).toHaveLength(185))

describe.each(corpus)('$file', ({ file, verdict, codes, servers }) => {
  const text = textOf(file)
  const loaded = loadConfig(text)

  test(`is ${verdict}, server by server, for the expected reasons`, () => {
    expect(loaded.verdict).toBe(verdict)
    expect(codesOf(loaded.document)).toEqual(decisive(codes))
    const got = [...loaded.servers].map(([name, server]) => [name, server.verdict, codesOf(server.findings)])
    expect(got).toEqual(Object.entries(servers).map(([name, server]) => [name, server.verdict, decisive(server.codes)]))
  })

  test('has each finding at a place in the text', () => {
    const lines = text.split(/\r\n|\n|\r/)
    const all = [...loaded.document, ...[...loaded.servers.values()].flatMap(({ findings }) => findings)]
    for (const { line, column } of all) {
      expect(line).toBeLessThanOrEqual(lines.length)
      expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1)
    }
  })

  test('is read alike as a file and as an object', () => {
    if (
      loaded.config === undefined ||
      loaded.document.some(({ severity, code }) => severity === 'error' && code !== 'bad-name')
    )
      return
    const parsed = parseConfig(loaded.config)
    for (const [name, { entry }] of loaded.servers) {
      const object = parsed.servers.get(name)
      expect(object?.ok && object.entry).toEqual(entry ?? false)
    }
  })
})
