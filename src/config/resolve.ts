import { resolve as resolvePath } from 'node:path'
import { SupervisorError, failure } from '../errors.js'
import type { Policy } from './defaults.js'
import type { Endpoint, OAuthSettings, ServerEntry } from './entry.js'
import { readEnvFile } from './env-file.js'
import { type Inputs, askInputs } from './inputs.js'
import { type Placeholder, interpolate, placeholdersOf } from './interpolate.js'
import { type Surroundings, configDirectory, place } from './places.js'
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
  /** Texts that must appear in no log, message or report, longest first. */
  readonly secrets: readonly string[]
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Resolves the placeholders of an entry. The values of `env` are looked up in the `envFile`, then in `scope.env`; the rest
 * of the entry in its own `env`, then in the `envFile`, then in `scope.env`.
 * @throws `CONFIG_UNRESOLVED` naming everything that is missing, at once, by name only; or the file that cannot be read
 */
export async function resolveEntry(name: string, entry: ServerEntry, scope: ResolveScope): Promise<ResolvedEntry> {
  const { endpoint, envFile, oauth, variables = {} } = entry
  const inputs = await askInputs(inputsOf(entry), scope.inputs, scope.signal)
  const missing = new Set<string>()
  const found = new Set<string>()

  const filler =
    (...sources: readonly Variables[]) =>
    (value: string) =>
      interpolate(value, (placeholder) => {
        if (placeholder.kind === 'place') return place(placeholder.name, scope)
        const got = placeholder.kind === 'input' ? inputs.get(placeholder.id) : lookup(placeholder.name, sources)
        const text = placeholder.kind === 'variable' ? got || (placeholder.fallback ?? got) : got
        if (text === undefined) missing.add(nameOf(placeholder))
        else if (got && !isPublicPlace(placeholder)) found.add(got)
        return text
      })

  const fillOutside = filler(scope.env)
  const fileVariables = envFile === undefined ? {} : await variablesOf(name, fillOutside(envFile), scope, missing)
  const written = endpoint.transport === 'stdio' ? endpoint.env : variables
  const own = mapValues(written, filler(fileVariables, scope.env))
  const fill = filler(own, fileVariables, scope.env)
  const filled = fillEndpoint(endpoint, fill, { ...fileVariables, ...own })
  const filledOAuth = oauth && objectOf(Object.entries(oauth).map(([key, value]) => [key, fillSetting(value, fill)]))

  if (missing.size > 0)
    throw unresolved(name, `needs ${[...missing].join(', ')}, which ${missing.size > 1 ? 'are' : 'is'} not set`)
  const secrets = secretsOf({ endpoint: filled, variables: { ...fileVariables, ...own }, oauth: filledOAuth, found })
  const { policy, includeTools, excludeTools, description } = entry
  return {
    endpoint: filled,
    policy,
    ...(includeTools && { includeTools }),
    ...(excludeTools && { excludeTools }),
    ...(description !== undefined && { description }),
    ...(filledOAuth !== undefined && { oauth: filledOAuth }),
    secrets,
  }
}

function fillEndpoint(endpoint: Endpoint, fill: (value: string) => string, env: Record<string, string>): Endpoint {
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

function fillSetting(value: OAuthSettings[string], fill: (value: string) => string): OAuthSettings[string] {
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

async function variablesOf(server: string, path: string, scope: ResolveScope, missing: ReadonlySet<string>) {
  if (missing.size > 0) return {}
  try {
    return await (scope.readEnvFile ?? readEnvFile)(resolvePath(configDirectory(scope), path), scope.signal)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw unresolved(server, `has an "envFile" that could not be read: ${reason}`, error)
  }
}

function lookup(name: string, sources: readonly Variables[]): string | undefined {
  return sources.find((source) => Object.hasOwn(source, name) && source[name] !== undefined)?.[name]
}

function nameOf(placeholder: Placeholder): string {
  return placeholder.kind === 'input' ? `input:${placeholder.id}` : placeholder.name
}

/** Variables of every environment that tell where things are and who is asking, which is no secret. */
const publicVariables = new Set([
  'HOME',
  'PWD',
  'PATH',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'LANG',
  'TERM',
  'HOSTNAME',
])

function isPublicPlace(placeholder: Placeholder): boolean {
  return placeholder.kind === 'variable' && publicVariables.has(placeholder.name)
}

function mapValues(
  values: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))
}

function unresolved(server: string, text: string, cause?: unknown): SupervisorError {
  const of = failure('CONFIG_UNRESOLVED', `Server ${quoted(server)} ${text}`, { server, phase: 'config' })
  return new SupervisorError(of, cause)
}
