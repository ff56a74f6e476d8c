import { resolve as resolvePath } from 'node:path'
import { SupervisorError, failure, messageOf } from '../errors.js'
import type { Policy } from './defaults.js'
import type { Endpoint, OAuthSettings, ProtocolEra, ServerEntry, StdioEndpoint } from './entry.js'
import { readEnvFile } from './env-file.js'
import { createFiller } from './filler.js'
import { type Inputs, askInputs } from './inputs.js'
import { placeholdersOf } from './interpolate.js'
import { type Surroundings, configDirectory } from './places.js'
import { objectOf } from './plain-data.js'
import { secretsOf } from './secrets.js'
import { quoted } from './wording.js'

/** Where placeholders are looked up. */
export interface ResolveScope extends Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Answers `${input:id}`; each id is asked once for an entry. */
  readonly inputs?: Inputs | undefined
  /** Reads an `envFile`. Default: from disk. */
  readonly readEnvFile?: ((path: string, signal?: AbortSignal) => Promise<Record<string, string>>) | undefined
  readonly signal?: AbortSignal | undefined
}

/** A server ready to be started: no placeholder is left in it. */
export interface ResolvedEntry {
  readonly endpoint: Endpoint
  readonly policy: Policy
  readonly includeTools?: readonly string[]
  readonly excludeTools?: readonly string[]
  readonly description?: string
  readonly oauth?: OAuthSettings | false
  readonly protocolEra?: ProtocolEra
  /** Texts that must appear in no log, message or report, longest first. */
  readonly secrets: readonly string[]
}

/**
 * Resolves the placeholders of an entry. The values of `env` are looked up in the `envFile`, then in `scope.env`; the rest
 * of the entry in its own `env`, then in the `envFile`, then in `scope.env`.
 * @throws `CONFIG_UNRESOLVED` naming everything that is missing at once, by name only; or why a file or an input failed
 */
export async function resolveEntry(name: string, entry: ServerEntry, scope: ResolveScope): Promise<ResolvedEntry> {
  const { endpoint, envFile, oauth, variables = {} } = entry
  const inputs = await answersOf(name, entry, scope)
  const { fill, missing, found } = createFiller(inputs, scope)
  const { env: outside } = scope

  const path = envFile === undefined ? undefined : fill(envFile, outside)
  // The path of a file is not known while a part of it is missing.
  const inFile = path === undefined || missing.size > 0 ? {} : await variablesOf(name, path, scope)
  const written = endpoint.transport === 'stdio' ? endpoint.env : variables
  const own = mapValues(written, (value) => fill(value, inFile, outside))
  const fillIn = (text: string) => fill(text, own, inFile, outside)
  const env = { ...inFile, ...own }
  // Most entries have no placeholder: a thousand of them need no copies.
  const filled = isFixed(entry) ? endpoint : fillEndpoint(endpoint, env, fillIn)
  const settings = oauth && objectOf(Object.entries(oauth).map(([key, value]) => [key, fillSetting(value, fillIn)]))
  if (missing.size > 0) {
    throw unresolved(name, `needs ${[...missing].join(', ')}, which ${missing.size > 1 ? 'are' : 'is'} not set`)
  }
  const { policy, includeTools, excludeTools, description, protocolEra } = entry
  return {
    endpoint: filled,
    policy,
    ...(includeTools && { includeTools }),
    ...(excludeTools && { excludeTools }),
    ...(description !== undefined && { description }),
    ...(settings !== undefined && { oauth: settings }),
    ...(protocolEra && { protocolEra }),
    secrets: secretsOf({ endpoint: filled, variables: env, oauth: settings, found }),
  }
}

/** Whether an entry resolves to the same wherever and whenever that is done. */
export function isFixed(entry: ServerEntry): boolean {
  return entry.envFile === undefined && !textsOf(entry).some((text) => text.includes('$'))
}

type Fill = (text: string) => string

function fillEndpoint(endpoint: Endpoint, env: StdioEndpoint['env'], fill: Fill): Endpoint {
  if (endpoint.transport !== 'stdio') {
    const headers = Object.entries(mapValues(endpoint.headers, fill))
    // An optional header whose variable is not set is not sent at all.
    const sent = headers.filter(([name, value]) => value !== '' || endpoint.headers[name] === '')
    return { ...endpoint, url: fill(endpoint.url), headers: objectOf(sent) }
  }
  const { command, args, cwd } = endpoint
  return {
    ...endpoint,
    command: fill(command),
    args: args.map(fill),
    env,
    ...(cwd !== undefined && { cwd: fill(cwd) }),
  }
}

function fillSetting(value: OAuthSettings[string], fill: Fill): OAuthSettings[string] {
  if (typeof value === 'string') return fill(value)
  return typeof value === 'object' ? value.map(fill) : value
}

function inputsOf(entry: ServerEntry): Set<string> {
  const placeholders = textsOf(entry).flatMap(placeholdersOf)
  return new Set(placeholders.flatMap((placeholder) => (placeholder.kind === 'input' ? [placeholder.id] : [])))
}

/** Every text of an entry that placeholders may be in. */
function textsOf({ endpoint, envFile, oauth, variables = {} }: ServerEntry): string[] {
  const texts =
    endpoint.transport === 'stdio'
      ? [endpoint.command, ...endpoint.args, ...Object.values(endpoint.env), endpoint.cwd]
      : [endpoint.url, ...Object.values(endpoint.headers), ...Object.values(variables)]
  return [...texts, envFile, ...Object.values(oauth || {}).flat()].filter((text) => typeof text === 'string')
}

async function answersOf(server: string, entry: ServerEntry, { inputs, signal }: ResolveScope) {
  try {
    return await askInputs(inputsOf(entry), inputs, signal)
  } catch (error) {
    if (signal?.aborted) throw error
    throw unresolved(server, `asks for inputs, which failed: ${messageOf(error)}`, error)
  }
}

async function variablesOf(server: string, path: string, scope: ResolveScope) {
  try {
    return await (scope.readEnvFile ?? readEnvFile)(resolvePath(configDirectory(scope), path), scope.signal)
  } catch (error) {
    if (scope.signal?.aborted) throw error
    throw unresolved(server, `has an "envFile" that could not be read: ${messageOf(error)}`, error)
  }
}

function mapValues(values: Readonly<Record<string, string>>, change: Fill): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))
}

function unresolved(server: string, text: string, cause?: unknown): SupervisorError {
  const of = failure('CONFIG_UNRESOLVED', `Server ${quoted(server)} ${text}`, { server, phase: 'config' })
  return new SupervisorError(of, cause)
}
