import { type Field, type Fields, foldAliases, keyAliases } from './aliases.js'
import { readAuthorization } from './authorization.js'
import { checkKey } from './check-key.js'
import type { Policy } from './defaults.js'
import { readEndpoint } from './endpoint.js'
import type { ProtocolEra, ServerEntry } from './entry.js'
import { entryKeys, isEntryKey } from './entry-keys.js'
import { type Tell, didYouMean } from './findings.js'
import { foreignRestarts, foreignTimeouts, readForeignPolicy } from './foreign-policy.js'
import { harmlessValues, ignoredKeys, inertKeys, restrictionKeys } from './known-keys.js'
import { nearest } from './nearest.js'
import { isObject } from './plain-data.js'
import { layerPolicy, pickPolicy, policyProblems } from './policy.js'
import { readEnv, readPath } from './stdio-endpoint.js'
import { quoted, typeName } from './wording.js'

/**
 * Reads one entry of `mcpServers`: folds aliases, repairs shapes, checks every key, tells what it found. The result counts
 * only if no error was told; undefined means that one was.
 */
export function parseEntry(value: unknown, defaults: Partial<Policy>, tell: Tell): ServerEntry | undefined {
  if (!isObject(value)) {
    tell('server-not-object', [], `must be an object, got ${typeName(value)}`)
    return undefined
  }
  const fields = foldAliases(value, tell)
  const endpoint = readEndpoint(fields, tell)
  const disabled = readDisabled(fields.get('disabled'), tell)
  const includeTools = readTools('includeTools', fields.get('includeTools'), tell)
  const excludeTools = readTools('excludeTools', fields.get('excludeTools'), tell)
  const policy = readPolicy(fields, defaults, tell)
  const envFile = readPath('envFile', fields.get('envFile'), tell)
  const protocolEra = readEra(fields.get('protocolEra'), tell)
  const description = readDescription(fields.get('description'), tell)
  tellOfOtherKeys(fields, tell)
  if (!endpoint || envFile === null) return undefined

  const common = {
    policy,
    disabled,
    ...(description !== undefined && { description }),
    ...(includeTools && { includeTools }),
    ...(excludeTools && { excludeTools }),
    ...(envFile !== undefined && { envFile }),
    ...(protocolEra && { protocolEra }),
  }
  if (endpoint.transport === 'stdio') return { endpoint, ...common }
  const { headers, oauth } = readAuthorization(fields, endpoint.headers, tell)
  const variables = fields.has('env') ? readEnv(fields.get('env'), tell) : undefined
  return {
    endpoint: { ...endpoint, headers },
    ...common,
    ...(oauth !== undefined && { oauth }),
    ...(variables && { variables }),
  }
}

function readDisabled(field: Field | undefined, tell: Tell): boolean {
  if (!field || !checkKey('disabled', field, tell)) return false
  if (typeof field.value === 'string') tell('coerced', field.at, '"disabled" is read as true or false, got string')
  const isDisabled = String(field.value) === 'true'
  if (isDisabled) tell('disabled', field.at, 'is disabled')
  return isDisabled
}

function readEra(field: Field | undefined, tell: Tell): ProtocolEra | undefined {
  return field && checkKey('protocolEra', field, tell) ? (field.value as ProtocolEra) : undefined
}

function readTools(key: 'includeTools' | 'excludeTools', field: Field | undefined, tell: Tell): string[] | undefined {
  if (!field || !checkKey(key, field, tell)) return undefined
  const tools = [field.value].flat().map(String)
  return key === 'includeTools' && tools.includes('*') ? undefined : tools
}

function readPolicy(fields: Fields, defaults: Partial<Policy>, tell: Tell): Policy {
  const foreign = readForeignPolicy(fields, tell)
  const field = fields.get('supervisor')
  const problems = policyProblems(field?.value, 'supervisor')
  for (const { key, message, hint } of problems) {
    tell('bad-policy', [...(field?.at ?? []), ...(key === undefined ? [] : [key])], message, { hint })
  }
  const own = problems.length === 0 ? pickPolicy(field?.value) : {}
  for (const key of Object.keys(foreign)) {
    if (!Object.hasOwn(own, key)) continue
    tell('overridden-key', field?.at ?? [], `"supervisor.${key}" wins over the same in other words`)
  }
  return layerPolicy(defaults, foreign, own)
}

function readDescription(field: Field | undefined, tell: Tell): string | undefined {
  if (!field) return undefined
  if (typeof field.value === 'string') return field.value
  tell('ignored-key', field.at, `"description" must be a string, got ${typeName(field.value)}`)
  return undefined
}

const readKeys = new Set([...Object.keys(entryKeys), ...foreignTimeouts.keys(), ...foreignRestarts.keys()])
const hintedKeys = [...readKeys, ...keyAliases.keys()]

/** Tells of every key that is not read: refused, without effect here, or unknown. */
function tellOfOtherKeys(fields: Fields, tell: Tell): void {
  for (const [key, { value, at }] of fields) {
    if (key === 'headersHelper') {
      tell('executes-command', at, '"headersHelper" is a command, which is not executed')
    } else if (restrictionKeys.has(key)) {
      if (value === false || value === null) continue
      tell('unsupported-restriction', at, `"${key}" restricts the server in a way that cannot be enforced`)
    } else if (ignoredKeys.has(key)) {
      if (!harmlessValues[key]?.includes(value)) tell('ignored-key', at, `"${key}" has no effect`)
    } else if (inertKeys.has(key)) {
      tell('inert-key', at, `"${key}" has no effect on supervision`)
    } else if (!readKeys.has(key) && !isEntryKey(key)) {
      tell('unknown-key', at, `${quoted(key)} is not known and has no effect`, {
        hint: didYouMean(nearest(key, hintedKeys)),
      })
    }
  }
}
