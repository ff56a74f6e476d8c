import {
  type ResolvedEntry,
  type ServerEntry,
  type ServerVerdict,
  createMask,
  resolveEntry,
} from '../../config/index.js'
import { isSupervisorError } from '../command-error.js'
import { type ConfigSource, readConfigSource } from '../config-source.js'
import { selectNames } from '../configuration.js'
import { locate } from '../discover.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import type { ConfigOptions } from '../options.js'
import { plainText } from '../plain-text.js'
import { tellFailure } from '../tell-failure.js'
import type { Terminal } from '../terminal.js'

export interface ConfigPrintOptions extends Pick<ConfigOptions, 'config' | 'only' | 'except'> {
  /** What is printed is JSON in any case; this makes lines of JSON of what is wrong too. */
  readonly json?: boolean
}

/** `mcpvisor config print`: prints what each server would be started with, every secret replaced by stars. */
export async function configPrint(options: ConfigPrintOptions, terminal: Terminal): Promise<ExitCode> {
  const { config, json = false, ...selection } = options
  const files = await locate(config, terminal)
  const sources = await Promise.all(files.map(({ path }) => readConfigSource(path)))
  const problems = sources.flatMap(problemsOf)
  for (const message of problems) {
    if (json) tellFailure({ exitCode: exitCodes.configInvalid, code: 'CONFIG_INVALID', message }, json, terminal.err)
    else terminal.err.line(plainText(message))
  }
  const servers = new Map(
    sources.flatMap((source) => [...source.loaded.servers].map(([name, of]) => [name, { of, source }])),
  )
  const views = await Promise.all(
    selectNames([...servers.keys()], selection).map(
      async (name) => [name, await viewOf(name, servers, terminal)] as const,
    ),
  )
  terminal.out.line(JSON.stringify({ mcpServers: Object.fromEntries(views) }, null, 2))
  const isWrong = problems.length > 0 || views.some(([, view]) => 'error' in view)
  return isWrong ? exitCodes.configInvalid : exitCodes.ok
}

type Judged = ReadonlyMap<string, { readonly of: ServerVerdict; readonly source: ConfigSource }>

/** What concerns a file as a whole. */
function problemsOf({ path, loaded: { document } }: ConfigSource): string[] {
  const first = document.find(({ severity }) => severity === 'error')
  return first ? [`${path}:${first.line}:${first.column}: ${first.message}`] : []
}

async function viewOf(name: string, servers: Judged, terminal: Terminal): Promise<object> {
  const { of, source } = servers.get(name) ?? {}
  if (of?.entry && source) return resolved(name, of.entry, source.path, terminal)
  const error = of?.findings.find(({ severity }) => severity === 'error')
  return { error: error?.message ?? 'its entry is invalid' }
}

async function resolved(name: string, entry: ServerEntry, configPath: string, { env }: Terminal): Promise<object> {
  if (entry.disabled) return { disabled: true }
  try {
    return redacted(await resolveEntry(name, entry, { env, configPath }))
  } catch (error) {
    if (!isSupervisorError(error)) throw error
    return { error: error.message }
  }
}

function redacted({ endpoint, policy, secrets, oauth, ...rest }: ResolvedEntry): object {
  const mask = createMask(secrets)
  const oauthView =
    oauth && mapValues(oauth, ([key, value]) => (typeof value === 'string' && isSecretKey(key) ? '***' : value))
  const common = { ...rest, ...(oauth !== undefined && { oauth: oauthView }), supervisor: policy }
  if (endpoint.transport !== 'stdio') {
    const { transport, url, headers } = endpoint
    return { type: transport, url: mask(url), headers: stars(headers), ...common }
  }
  const { command, args, env, cwd } = endpoint
  return {
    type: 'stdio',
    command: mask(command),
    args: args.map(mask),
    env: stars(env),
    ...(cwd !== undefined && { cwd: mask(cwd) }),
    ...common,
  }
}

const isSecretKey = (key: string): boolean => /secret|password|token|assertion/i.test(key)

/** Every value, however short or well known: names are enough to see what is set. */
function stars(values: Readonly<Record<string, string>>): Record<string, string> {
  return mapValues(values, () => '***')
}

function mapValues<A, B>(
  values: Readonly<Record<string, A>>,
  change: (entry: [key: string, value: A]) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map((entry) => [entry[0], change(entry)]))
}
