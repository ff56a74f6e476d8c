import { type Fields, typeAliases } from './aliases.js'
import { checkKey } from './check-key.js'
import type { Endpoint, TransportKind } from './entry.js'
import { type Tell, didYouMean } from './findings.js'
import { readHttp } from './http-endpoint.js'
import { nearest } from './nearest.js'
import { readStdio } from './stdio-endpoint.js'
import { shown } from './wording.js'

/** Transports that other clients have and we do not. */
const unsupportedTypes = new Set(['ws', 'websocket', 'tcp', 'sdk', 'builtin', 'platform', 'frontend', 'inline_python'])

/** Keys that mean nothing to the other transport. */
const keysOfOthers: Readonly<Record<'stdio' | 'http', readonly string[]>> = {
  stdio: ['url', 'headers', 'headersHelper', 'oauth', 'auth'],
  http: ['command', 'args', 'cwd'],
}

/** Finds out how a server is reached. Undefined when an error was told. */
export function readEndpoint(fields: Fields, tell: Tell): Endpoint | undefined {
  const type = readType(fields, tell)
  if (type === null) {
    tellOfUrl(fields, tell)
    return undefined
  }
  const kind = chooseKind(fields, type, tell)
  if (!kind) return undefined
  for (const key of keysOfOthers[kind]) {
    const field = fields.get(key)
    if (!field || field.value === false) continue
    tell('ignored-key', field.at, `"${key}" has no meaning for a server of type "${type ?? kind}"`)
  }
  return kind === 'stdio' ? readStdio(fields, tell) : readHttp(fields, type, tell)
}

/** The type that was written; undefined when none was, null when an error was told. */
function readType(fields: Fields, tell: Tell): TransportKind | undefined | null {
  const field = fields.get('type')
  if (!field) return undefined
  const { value, at } = field
  if (typeof value !== 'string') {
    checkKey('type', field, tell)
    return null
  }
  const type = typeAliases.get(value)
  if (!type) {
    const isForeign = unsupportedTypes.has(value)
    const hint = isForeign ? undefined : didYouMean(nearest(value, typeAliases.keys()))
    const code = isForeign ? 'unsupported-transport' : 'unknown-type'
    tell(code, at, `"type" must be "stdio", "http" or "sse", got ${shown(value)}`, { hint })
    return null
  }
  if (type !== value) tell('alias-type', at, `"type" ${shown(value)} is read as "${type}"`)
  if (type === 'sse') tell('sse-deprecated', at, 'is reached by SSE, an older transport that servers are leaving')
  return type
}

function chooseKind(fields: Fields, type: TransportKind | undefined, tell: Tell): 'stdio' | 'http' | undefined {
  const [hasCommand, hasUrl] = [fields.has('command'), fields.has('url')]
  if (!hasCommand && !hasUrl) {
    tell('no-transport', [], 'must specify either "command" (stdio) or "url" (HTTP) transport')
    return undefined
  }
  if (type === undefined) {
    if (!hasCommand || !hasUrl) return hasCommand ? 'stdio' : 'http'
    tell('ambiguous-transport', [], 'cannot have both "command" and "url"')
    return undefined
  }
  const kind = type === 'stdio' ? 'stdio' : 'http'
  const needed = kind === 'stdio' ? 'command' : 'url'
  if (fields.has(needed)) return kind
  tell('transport-mismatch', fields.get('type')?.at ?? [], `"type" is "${type}", which needs "${needed}"`)
  return undefined
}

/** An address is judged also when the type is wrong, so that one look shows both. */
function tellOfUrl(fields: Fields, tell: Tell): void {
  if (fields.has('url')) readHttp(new Map([...fields].filter(([key]) => key === 'url')), 'http', tell)
}
