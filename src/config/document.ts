import type { Policy } from './defaults.js'
import type { ParsedEntry } from './entry.js'
import { type GatewaySettings, gatewayProblems, pickGateway, plainTokens } from './gateway.js'
import { type Finding, type Path, firstError, tellOfDocument, tellOfServer, withHint } from './findings.js'
import { nameProblem, sanitisedName } from './names.js'
import { parseEntry } from './parse-entry.js'
import { type PlainObject, isObject, objectOf } from './plain-data.js'
import { pickPolicy, policyProblems } from './policy.js'
import { findServers } from './servers-map.js'
import { quoted, typeName } from './wording.js'

/** A configuration as it was understood. */
export interface ReadDocument {
  /** In the order of the document. A name that is refused has an entry that says so. */
  readonly servers: ReadonlyMap<string, ParsedEntry>
  /** The map of servers as it was written. */
  readonly raw: PlainObject
  /** Where that map is in the document. */
  readonly path?: Path
  /** What the object `gateway` says. */
  readonly gateway: GatewaySettings
  /** There is no map of servers at all. */
  readonly missing: boolean
  readonly findings: readonly Finding[]
}

/** Entries that were read before without a finding, each for the defaults that it was read with. */
export type KnownEntries = WeakMap<object, { readonly defaults: unknown; readonly entry: ParsedEntry }>

/** Reads a parsed document. Never throws: what is wrong is among the findings. What is in `known` is not read again. */
export function readDocument(value: unknown, defaults: Partial<Policy>, known?: KnownEntries): ReadDocument {
  const findings: Finding[] = []
  const tell = tellOfDocument(findings)
  const nothing = { servers: new Map<string, ParsedEntry>(), raw: objectOf([]), gateway: {}, findings }
  if (!isObject(value)) {
    tell('not-object', [], `MCP configuration must be an object, got ${typeName(value)}`)
    return { ...nothing, missing: true }
  }
  const documentDefaults = value['supervisor']
  const supervisor = readDefaults(value, findings)
  const found = findServers(value, tell)
  if (!found) return { ...nothing, missing: true }
  const { map, path } = found
  if (!isObject(map)) {
    tell('servers-not-object', path, `${quoted(String(path.at(-1)))} must be an object, got ${typeName(map)}`)
    return { ...nothing, missing: false }
  }
  if (Object.keys(map).length === 0) tell('no-servers', path, 'No server is configured')

  const servers = new Map<string, ParsedEntry>()
  const takenNames = new Map<string, string>()
  for (const [name, entry] of Object.entries(map)) {
    servers.set(name, readServer(name, entry, path))
  }
  const gateway = path.length > 0 ? readGateway(value, findings) : {}
  return { servers, raw: map, path, gateway, missing: false, findings }

  function readServer(name: string, entry: unknown, base: Path): ParsedEntry {
    const problem = nameProblem(name)
    if (problem !== undefined) {
      tell('bad-name', [...base, name], problem)
      return { ok: false, message: problem }
    }
    const own: Finding[] = []
    const tellOwn = tellOfServer(own, name, [...base, name])
    const plainName = sanitisedName(name)
    const taken = takenNames.get(plainName)
    takenNames.set(plainName, name)
    if (taken !== undefined) {
      tellOwn('name-collision', [], `has the name of ${quoted(taken)} where only A-Z a-z 0-9 _ . - are lawful`)
    } else if (plainName !== name) {
      tellOwn('name-sanitised', [], `is named ${quoted(plainName)} where only A-Z a-z 0-9 _ . - are lawful`)
    }
    if (name.includes('__')) tellOwn('name-separator', [], 'has "__" in its name, which ends server names elsewhere')
    const remembered = isObject(entry) ? known?.get(entry) : undefined
    if (remembered && remembered.defaults === documentDefaults && own.length === 0) return remembered.entry
    const parsed = parseEntry(entry, { ...defaults, ...supervisor }, tellOwn)
    findings.push(...own)
    const error = firstError(own)
    if (error) return { ok: false, message: withHint(error) }
    if (!parsed) return { ok: false, message: `Server ${quoted(name)} could not be read` }
    const read: ParsedEntry = { ok: true, entry: parsed }
    if (isObject(entry) && own.length === 0) known?.set(entry, { defaults: documentDefaults, entry: read })
    return read
  }
}

/** The top-level `gateway` object. A document that is the map itself has none: there it is a server. */
function readGateway(document: PlainObject, findings: Finding[]): GatewaySettings {
  const tell = tellOfDocument(findings)
  const problems = gatewayProblems(document['gateway'])
  for (const { path, message, hint } of problems) tell('bad-gateway', ['gateway', ...path], message, { hint })
  if (problems.length > 0) return {}
  const gateway = pickGateway(document['gateway'])
  for (const path of plainTokens(gateway))
    tell('plain-token', ['gateway', ...path], `"gateway.${path.join('.')}" stands in the file as it is`, {
      hint: 'use a placeholder, as "${READER_TOKEN}"',
    })
  return gateway
}

/** The top-level `supervisor` object: defaults for every server of the document. */
function readDefaults(document: PlainObject, findings: Finding[]): Partial<Policy> {
  const problems = policyProblems(document['supervisor'], 'supervisor')
  const tell = tellOfDocument(findings)
  for (const { key, message, hint } of problems) {
    tell('bad-policy', key === undefined ? ['supervisor'] : ['supervisor', key], message, { hint })
  }
  return problems.length === 0 ? pickPolicy(document['supervisor']) : {}
}
