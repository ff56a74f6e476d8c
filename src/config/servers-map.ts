import { type Path, type Tell, didYouMean } from './findings.js'
import { isComment } from './known-keys.js'
import { nearest } from './nearest.js'
import { type PlainObject, isObject, objectOf } from './plain-data.js'
import { quoted } from './wording.js'

/** Where a document has its servers. The map is not checked yet. */
export interface FoundServers {
  readonly map: unknown
  readonly path: Path
}

/** Sections of other programs that would change servers there. */
const foreignSections = ['serverDefaults', 'mcpTemplates', 'imports', 'mcpProxy']

/** Finds the map of servers, wherever a client keeps it. Undefined when there is none, which has then been told. */
export function findServers(document: PlainObject, tell: Tell): FoundServers | undefined {
  const found = ownMap(document) ?? aliasMap(document, tell) ?? foreignMap(document, tell) ?? bareMap(document, tell)
  if (!found) {
    const isMistyped = Object.keys(document).some((key) => nearest(key, ['mcpServers']))
    const hint = isMistyped ? didYouMean('mcpServers') : undefined
    tell('no-servers-key', [], 'MCP configuration must have an object "mcpServers"', { hint })
    return undefined
  }
  tellOfSections(document, found, tell)
  return found
}

function ownMap(document: PlainObject): FoundServers | undefined {
  return has(document, 'mcpServers') ? { map: document['mcpServers'], path: ['mcpServers'] } : undefined
}

function aliasMap(document: PlainObject, tell: Tell): FoundServers | undefined {
  if (!has(document, 'servers')) return undefined
  tell('alias-top-level', ['servers'], '"servers" is read as "mcpServers"')
  return { map: document['servers'], path: ['servers'] }
}

/** Editor settings (`mcp.servers`), Zed (`context_servers`), opencode (`mcp`). */
function foreignMap(document: PlainObject, tell: Tell): FoundServers | undefined {
  const mcp = document['mcp']
  if (isObject(mcp) && has(mcp, 'servers')) {
    tell('nested-servers-key', ['mcp', 'servers'], '"mcp.servers" is read as "mcpServers"')
    return { map: mcp['servers'], path: ['mcp', 'servers'] }
  }
  const key = has(document, 'context_servers') ? 'context_servers' : isMapOfEntries(mcp) ? 'mcp' : undefined
  if (key === undefined) return undefined
  tell('foreign-top-level', [key], `"${key}" is read as "mcpServers"`)
  return { map: document[key], path: [key] }
}

/** A document that is the map itself, without a key around it. */
function bareMap(document: PlainObject, tell: Tell): FoundServers | undefined {
  const { $schema: _schema, supervisor: _supervisor, ...others } = document
  const servers = objectOf(Object.entries(others).filter(([key]) => !isComment(key)))
  if (!isMapOfEntries(servers)) return undefined
  tell('bare-map', [], 'The document is read as "mcpServers"', { hint: 'put it into { "mcpServers": … }' })
  return { map: servers, path: [] }
}

function tellOfSections(document: PlainObject, { path }: FoundServers, tell: Tell): void {
  if (path.length === 0) return
  for (const key of foreignSections) {
    if (has(document, key)) tell('ignored-section', [key], `"${key}" has no effect`)
  }
  const mcp = path[0] === 'mcp' ? undefined : document['mcp']
  for (const key of ['allowed', 'excluded']) {
    if (!isObject(mcp) || !has(mcp, key)) continue
    tell('ignored-section', ['mcp', key], `"mcp.${key}" has no effect: it chooses servers elsewhere`)
  }
  for (const key of Object.keys(document)) {
    if (key !== path[0] && key !== 'mcpServers' && nearest(key, ['mcpServers'])) {
      tell('unknown-key', [key], `${quoted(key)} is not read`, { hint: didYouMean('mcpServers') })
    }
  }
}

/** An object of objects, with at least one that says how to reach a server. */
function isMapOfEntries(value: unknown): value is PlainObject {
  if (!isObject(value)) return false
  const entries = Object.values(value)
  return entries.every(isObject) && entries.some(isEntryLike)
}

const reachingKeys = ['command', 'cmd', 'url', 'httpUrl', 'serverUrl', 'baseUrl']

function isEntryLike(value: unknown): boolean {
  return isObject(value) && reachingKeys.some((key) => typeof value[key] === 'string' || Array.isArray(value[key]))
}

const has = (object: PlainObject, key: string): boolean => Object.hasOwn(object, key) && object[key] !== undefined
