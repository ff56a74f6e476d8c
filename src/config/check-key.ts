import type { Field } from './aliases.js'
import { type EntryKey, type KeyRule, entryKeys } from './entry-keys.js'
import type { Tell } from './findings.js'
import { isObject } from './plain-data.js'
import { quoted, typeName } from './wording.js'

/** Whether a value has the shape its key asks for; tells what is wrong, naming types and never values. */
export function checkKey(key: EntryKey, { value, at }: Field, tell: Tell): boolean {
  const rule: KeyRule = entryKeys[key]
  if (rule.schema.safeParse(value).success) return true
  const items = rule.schema.safeParse(Array.isArray(value) ? [] : {}).success ? itemsOf(value) : []
  const wrongItems = items.filter(([, only]) => !rule.schema.safeParse(only).success)
  for (const [item, , itemValue] of wrongItems.slice(0, 10)) {
    const name = quoted(typeof item === 'number' ? `${key}[${item}]` : `${key}.${item}`)
    tell(rule.code, [...at, item], `${name} ${itemProblem(rule, item, itemValue)}`)
  }
  if (wrongItems.length > 0) return false
  const isWrongText = typeof value === 'string' && rule.format !== undefined
  const got = value === '' ? 'an empty one' : typeName(value)
  tell(rule.code, at, `"${key}" must be ${isWrongText ? rule.format : rule.expects}, got ${got}`)
  return false
}

/** The items of a list or map, each with a list or map that holds nothing else. */
function itemsOf(value: unknown): [key: string | number, only: unknown, item: unknown][] {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, [item], item])
  return isObject(value)
    ? Object.entries(value).map(([key, item]) => [key, Object.fromEntries([[key, item]]), item])
    : []
}

function itemProblem({ item, members }: KeyRule, key: string | number, value: unknown): string {
  const expects = members?.[key]?.description ?? item?.expects
  if (item?.schema.safeParse(value).success) return 'must have a lawful name'
  return `must be ${expects ?? 'of another type'}, got ${typeName(value)}`
}
