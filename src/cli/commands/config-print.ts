import { type ResolvedEntry, type ServerEntry, createMask, resolveEntry } from '../../config/index.js'
import { SupervisorError } from '../../index.js'
import { readConfigSource } from '../config-source.js'
import { locate } from '../discover.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

export interface ConfigPrintOptions {
  readonly config?: string
}

/** `mcpvisor config print`: prints what each server would be started with, every secret replaced by stars. */
export async function configPrint({ config }: ConfigPrintOptions, terminal: Terminal): Promise<ExitCode> {
  const { path } = await locate(config, terminal)
  const { loaded } = await readConfigSource(path)
  const servers = [...loaded.servers].map(async ([name, { entry, findings }]) => {
    const problem = findings.find(({ severity }) => severity === 'error')?.message ?? 'its entry is invalid'
    return [name, entry ? await resolved(name, entry, path, terminal) : { error: problem }] as const
  })
  const views = await Promise.all(servers)
  const ofDocument = loaded.document.find(({ severity }) => severity === 'error')
  if (ofDocument) terminal.err.line(`${path}:${ofDocument.line}:${ofDocument.column}: ${ofDocument.message}`)
  terminal.out.line(JSON.stringify({ mcpServers: Object.fromEntries(views) }, null, 2))
  return ofDocument || views.some(([, view]) => 'error' in view) ? exitCodes.configInvalid : exitCodes.ok
}

async function resolved(name: string, entry: ServerEntry, configPath: string, { env }: Terminal): Promise<object> {
  if (entry.disabled) return { disabled: true }
  try {
    return redacted(await resolveEntry(name, entry, { env, configPath }))
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error
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
