import { isDeepStrictEqual } from 'node:util'
import type { TransportKind } from './entry.js'
import type { Path, Tell } from './findings.js'
import { isComment } from './known-keys.js'
import { type PlainObject, isObject } from './plain-data.js'
import { quoted } from './wording.js'

interface Alias {
  readonly to: string
  /** Changes the value to what our key means by it; without it both mean the same. */
  readonly as?: (value: unknown) => unknown
}

/** What a positive switch says to `disabled`. What is no truth value is left for the check of the key. */
const negated = (value: unknown): unknown => {
  if (typeof value === 'boolean') return !value
  return value === 'true' || value === 'false' ? String(value === 'false') : value
}
const variableNamed = (name: unknown): unknown => (typeof name === 'string' ? `\${${name}}` : name)

const sameAs = (to: string, ...keys: readonly string[]) => keys.map((key): [string, Alias] => [key, { to }])

/** Spellings of other clients for keys of ours. */
export const keyAliases: ReadonlyMap<string, Alias> = new Map([
  ...sameAs('type', 'transport', 'transportType', 'protocol'),
  ...sameAs('url', 'httpUrl', 'serverUrl', 'baseUrl', 'uri'),
  ...sameAs('env', 'environment', 'envs'),
  ...sameAs('command', 'cmd'),
  ...sameAs('cwd', 'working_dir'),
  ...sameAs('headers', 'http_headers'),
  ...sameAs('includeTools', 'allowedTools', 'enabled_tools', 'available_tools', 'tools'),
  ...sameAs('excludeTools', 'blockedTools', 'disabled_tools', 'disabledTools'),
  ...sameAs('auth', 'bearerToken'),
  ['bearerTokenEnv', { to: 'auth', as: variableNamed }],
  ['bearer_token_env_var', { to: 'auth', as: variableNamed }],
  ['enabled', { to: 'disabled', as: negated }],
  ['isActive', { to: 'disabled', as: negated }],
])

/** Spellings of the transport types. */
export const typeAliases: ReadonlyMap<string, TransportKind> = new Map([
  ['stdio', 'stdio'],
  ['local', 'stdio'],
  ['http', 'http'],
  ['streamable-http', 'http'],
  ['streamableHttp', 'http'],
  ['streamable_http', 'http'],
  ['remote', 'http'],
  ['sse', 'sse'],
])

/** A value of an entry under our name for its key. */
export interface Field {
  readonly value: unknown
  /** Where it was written, from the entry. */
  readonly at: Path
}

export type Fields = ReadonlyMap<string, Field>

/**
 * Brings the keys of an entry under our names, with those of a nested `transport` object. Two spellings of one key must
 * agree.
 */
export function foldAliases(entry: PlainObject, tell: Tell): Fields {
  const fields = new Map<string, Field>()
  for (const [key, written, at] of membersOf(entry, tell)) {
    if (written === undefined || isComment(key)) continue
    const { to, as } = aliasOf(key, written)
    const field = { value: as ? as(written) : written, at }
    if (to !== key) tell('alias-key', at, `${quoted(key)} is read as "${to}"`)
    const other = fields.get(to)
    if (other && !agree(to, other.value, field.value)) {
      const names = `${quoted(String(other.at.at(-1)))} and ${quoted(key)}`
      tell('conflicting-keys', at, `${names} mean the same but differ`)
    }
    // Our own spelling wins, wherever it stands.
    if (!other || to === key) fields.set(to, field)
  }
  return fields
}

function membersOf({ transport, ...others }: PlainObject, tell: Tell): [key: string, value: unknown, at: Path][] {
  const members = Object.entries(others).map(([key, value]): [string, unknown, Path] => [key, value, [key]])
  if (!isObject(transport)) return [...members, ['transport', transport, ['transport']]]
  tell('nested-transport', ['transport'], '"transport" is an object: its keys are read as keys of the server')
  return [
    ...members,
    ...Object.entries(transport).map(([key, value]): [string, unknown, Path] => [key, value, ['transport', key]]),
  ]
}

function aliasOf(key: string, value: unknown): Alias {
  // Elsewhere `tools` maps tools to settings, which is no list of what is allowed.
  if (key === 'tools' && !Array.isArray(value) && value !== '*') return { to: key }
  return keyAliases.get(key) ?? { to: key }
}

function agree(key: string, one: unknown, other: unknown): boolean {
  const meaning = (value: unknown) => (key === 'type' ? (typeAliases.get(String(value)) ?? value) : value)
  return isDeepStrictEqual(meaning(one), meaning(other))
}
