import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { keyAliases, typeAliases } from '../../src/config/aliases.js'
import { defaultPolicy } from '../../src/config/defaults.js'
import { entryKeys, oauthKeys } from '../../src/config/entry-keys.js'
import { findingCodes } from '../../src/config/findings.js'
import { foreignRestarts, foreignTimeouts } from '../../src/config/foreign-policy.js'
import { restrictionKeys } from '../../src/config/known-keys.js'
import { loadConfig } from '../../src/config/load.js'
import { placeNames } from '../../src/config/placeholders.js'
import { policySchema } from '../../src/config/policy.js'

const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')

/** The rows of the table under a heading, as cells without the quotes of code. */
function table(heading: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| code |'))
  return rows.slice(heading === 'Findings' ? 0 : 1).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

describe('docs/configuration.md', () => {
  test('has a row for each key of an entry, and no other', () => {
    expect(new Set(table('A server').map(([key]) => key))).toEqual(new Set(Object.keys(entryKeys)))
    for (const key of oauthKeys) expect(text).toContain(`\`${key}\``)
  })

  test('has each key of a policy with its default', () => {
    const rows = table('`supervisor`').map(([key, , , usual]) => [key, usual])
    expect(rows).toEqual(Object.entries(defaultPolicy).map(([key, value]) => [key, JSON.stringify(value)]))
  })

  test('allows what the schema allows', () => {
    for (const [key = '', allowed = ''] of table('`supervisor`')) {
      const schema = policySchema.shape[key]
      const least = /(?:>=|from) (?<least>\d+)/.exec(allowed)?.groups?.['least']
      const samples =
        least === undefined ? allowed.split(', ').map((word): unknown => JSON.parse(word)) : [Number(least)]
      for (const sample of samples) expect(schema?.safeParse(sample).success, `${key} ${String(sample)}`).toBe(true)
      if (least !== undefined) expect(schema?.safeParse(Number(least) - 1).success, key).toBe(false)
    }
  })

  test('has each finding with its severity, and no other', () => {
    expect(table('Findings').map(([code, severity]) => [code, severity])).toEqual(Object.entries(findingCodes))
  })

  test('names every spelling of other clients, every place and every restriction', () => {
    const words = [
      ...keyAliases.keys(),
      ...typeAliases.keys(),
      ...foreignTimeouts.keys(),
      ...foreignRestarts.keys(),
      ...restrictionKeys,
    ]
    const codes = [...text.matchAll(/`(?<code>[^`\n]+)`/g)].map(({ groups }) =>
      groups?.['code']?.replace(/: .*$/, '').replaceAll('"', ''),
    )
    expect(words.filter((word) => !codes.includes(word))).toEqual([])
    for (const name of placeNames) expect(codes).toContain(`\${${name}}`)
  })

  test('begins with a configuration that is valid', () => {
    const example = /```jsonc\n(?<example>[^]*?)```/.exec(text)?.groups?.['example'] ?? ''
    expect(loadConfig(example)).toMatchObject({ verdict: 'valid' })
  })
})
