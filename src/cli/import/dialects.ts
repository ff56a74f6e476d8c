import { type PlainObject, isObject } from '../plain-object.js'
import { type Dialect, type Found, anyMap, mapAt, objectAt, supervised } from './dialect.js'

export const standard: Dialect = {}

/** The servers of all projects are in one file: those of the folder at hand are the nearest. */
export const claudeCode: Dialect = {
  find(document, folder) {
    const own = objectAt(objectAt(document, 'projects'), folder)
    const others = Object.entries(objectAt(document, 'projects')).flatMap(([path, project]) => {
      const names = isObject(project) && path !== folder ? Object.keys(objectAt(project, 'mcpServers')) : []
      return names.length === 0 ? [] : [`those of the project ${path}: ${names.join(', ')}`]
    })
    const { servers } = 'projects' in document ? mapAt('mcpServers')(document) : anyMap(document)
    return { servers: { ...servers, ...objectAt(own, 'mcpServers') }, leftOut: others }
  },
}

/** Roo and Zed: `timeout` counts seconds, however many. */
export const inSeconds: Dialect = { entry: (entry) => flatCommand(withSeconds(entry)) }

/** Cline: seconds too, and an address without a type is one of SSE. */
export const cline: Dialect = { entry: (entry) => sseByDefault(withSeconds(entry)) }

export const librechat: Dialect = { find: mapAt('mcpServers'), entry: sseByDefault }

export const gemini: Dialect = {
  find(document) {
    const { allowed, excluded } = objectAt(document, 'mcp')
    const isOff = (name: string) =>
      (Array.isArray(excluded) && excluded.includes(name)) || (Array.isArray(allowed) && !allowed.includes(name))
    const servers = Object.entries(anyMap(document).servers).map(([name, entry]) => [
      name,
      isObject(entry) && isOff(name) ? { ...entry, disabled: true } : entry,
    ])
    return { servers: Object.fromEntries(servers) as PlainObject }
  },
  entry: (entry) => ('httpUrl' in entry && !('type' in entry) ? { ...entry, type: 'http' } : entry),
  text: (text) =>
    text.replace(/(?<![$\\])\$([A-Za-z_]\w*)|%([A-Za-z_]\w*)%/g, (_, one, other) => `\${${one ?? other}}`),
}

/** Variables are named there, not quoted. */
export const codex: Dialect = {
  find: mapAt('mcp_servers'),
  entry({ env_vars: names, env_http_headers: headerNames, ...entry }) {
    const headers = isObject(headerNames) ? Object.entries(headerNames).map(([key, name]) => [key, optional(name)]) : []
    const taken = listOf(names).map((item) => (isObject(item) ? item['name'] : item))
    const variables = taken.map((name) => [String(name), optional(name)])
    return {
      ...entry,
      ...(variables.length > 0 && { env: { ...Object.fromEntries(variables), ...objectAt(entry, 'env') } }),
      ...(headers.length > 0 && { headers: { ...Object.fromEntries(headers), ...objectAt(entry, 'http_headers') } }),
      ...(headers.length > 0 && { http_headers: undefined }),
    }
  },
}

/** `timeout` bounds a listing there. */
export const opencode: Dialect = {
  find: (document) => ('mcp' in document ? { servers: mapOfOpencode(objectAt(document, 'mcp')) } : anyMap(document)),
  entry: ({ timeout, ...entry }) =>
    typeof timeout === 'number' ? supervised(entry, { listTimeoutMs: timeout }) : { ...entry, timeout },
  text: (text) => text.replace(/\{env:([A-Za-z_]\w*)\}/g, '${$1}'),
}

/** `env_keys` are secrets in a keyring of its own. */
export const goose: Dialect = {
  find: mapAt('extensions'),
  entry({ env_keys: keys, ...entry }) {
    const secrets = Object.fromEntries(listOf(keys).map((key) => [String(key), `\${${String(key)}}`]))
    return withSeconds({ ...entry, envs: { ...secrets, ...objectAt(entry, 'envs') } })
  },
}

export const continueDev: Dialect = {
  find({ mcpServers, ...others }): Found {
    if (!Array.isArray(mcpServers)) return anyMap({ mcpServers, ...others })
    const named = mcpServers.filter((entry): entry is PlainObject => isObject(entry))
    return {
      servers: Object.fromEntries(
        named.map(({ name, ...entry }, index) => [typeof name === 'string' ? name : String(index), entry]),
      ),
    }
  },
  entry({ connectionTimeout, requestOptions, ...entry }) {
    const { headers, ...others } = isObject(requestOptions) ? requestOptions : {}
    const rest = Object.keys(others).length === 0 ? {} : { requestOptions: others }
    const sent = isObject(headers) ? { headers: { ...headers, ...objectAt(entry, 'headers') } } : {}
    const read = { ...entry, ...rest, ...sent }
    return typeof connectionTimeout === 'number' ? supervised(read, { connectTimeoutMs: connectionTimeout }) : read
  },
  text: (text) => text.replace(/\$\{\{\s*(?:secrets|inputs)\.([A-Za-z_]\w*)\s*\}\}/g, '${$1}'),
}

/** Keys that one client alone has at the top. */
const signs: Readonly<Record<string, Dialect>> = {
  mcp_servers: codex,
  context_servers: inSeconds,
  extensions: goose,
  projects: claudeCode,
}

/** The dialect of a document whose file has a name that tells nothing. */
export function dialectOf(document: unknown): Dialect {
  if (!isObject(document)) return standard
  const known = Object.keys(signs).find((key) => key in document)
  if (known !== undefined) return signs[known] ?? standard
  const { mcp, mcpServers } = document
  if (Array.isArray(mcpServers)) return continueDev
  if (mcpServers === undefined) return isObject(mcp) ? opencode : standard
  return isObject(mcp) && ('allowed' in mcp || 'excluded' in mcp) ? gemini : standard
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A variable that may be missing. */
const optional = (name: unknown): string => `\${${String(name)}:-}`

function withSeconds({ timeout, ...entry }: PlainObject): PlainObject {
  if (typeof timeout !== 'number' || !(timeout > 0)) return { ...entry, ...(timeout !== undefined && { timeout }) }
  return supervised(entry, { callTimeoutMs: Math.ceil(timeout * 1_000) })
}

/** Zed wrote `command: { path, args, env }` once. */
function flatCommand({ command, ...entry }: PlainObject): PlainObject {
  if (!isObject(command)) return command === undefined ? entry : { command, ...entry }
  const { path, args, env, ...others } = command
  return { command: path, ...(args !== undefined && { args }), ...(env !== undefined && { env }), ...others, ...entry }
}

function sseByDefault(entry: PlainObject): PlainObject {
  const isTyped = ['type', 'transport', 'transportType'].some((key) => key in entry)
  return 'url' in entry && !isTyped ? { ...entry, type: 'sse' } : entry
}

/** The second version has a map in the map. */
function mapOfOpencode(map: PlainObject): PlainObject {
  return isObject(map['servers']) && !('command' in map['servers']) ? map['servers'] : map
}
