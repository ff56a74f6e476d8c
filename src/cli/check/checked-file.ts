import { type LocatedFinding, type ServerVerdict, type Verdict, resolveEntry } from '../../config/index.js'
import { isSupervisorError } from '../command-error.js'
import type { ConfigSource } from '../config-source.js'
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-codes.js'
import type { TokenStoreOptions } from '../options.js'
import type { Terminal } from '../terminal.js'
import type { Probe } from './probe.js'

/** One server of a file, with everything that was found out about it. */
export interface CheckedServer {
  readonly name: string
  readonly verdict: Verdict
  readonly findings: readonly LocatedFinding[]
  readonly isDisabled: boolean
  /** Why its placeholders cannot be resolved here, when that was asked. */
  readonly unresolved?: string
  /** How it went when it was started, when that was asked. */
  readonly probe?: Probe
}

export interface CheckedFile {
  readonly source: ConfigSource
  readonly servers: readonly CheckedServer[]
  /** Why the file cannot be read at all. */
  readonly unreadable?: string
}

export interface CheckSteps extends TokenStoreOptions {
  /** Look for everything that placeholders name. */
  readonly resolve: boolean
  /** Start each server, with so much time. */
  readonly connectMs?: number
}

export async function checkFile(
  source: ConfigSource,
  { resolve, connectMs, tokenStore }: CheckSteps,
  { env }: Terminal,
): Promise<CheckedFile> {
  const { path, loaded } = source
  const probes =
    connectMs === undefined || loaded.document.some(({ severity }) => severity === 'error')
      ? new Map<string, Probe>()
      : await (
          await import('./probe.js')
        ).probeServers(loaded, { configPath: path, env, timeoutMs: connectMs, tokenStore })
  const servers = [...loaded.servers].map(async ([name, { verdict, findings, entry }]): Promise<CheckedServer> => {
    const unresolved = resolve ? await whyUnresolved(name, entry, path, env) : undefined
    const probe = probes.get(name)
    return {
      name,
      verdict,
      findings,
      isDisabled: entry?.disabled ?? false,
      ...(unresolved !== undefined && { unresolved }),
      ...(probe && { probe }),
    }
  })
  return { source, servers: await Promise.all(servers) }
}

async function whyUnresolved(name: string, entry: ServerVerdict['entry'], configPath: string, env: Terminal['env']) {
  if (!entry || entry.disabled) return undefined
  try {
    await resolveEntry(name, entry, { env, configPath })
    return undefined
  } catch (error) {
    if (!isSupervisorError(error)) throw error
    return error.message
  }
}

/** A configuration that is wrong counts before servers that are away, and those before ones that ask for authorization. */
export function exitCodeOfFiles(files: readonly CheckedFile[], { isStrict }: { readonly isStrict: boolean }): ExitCode {
  const isBad = (verdict: Verdict) => verdict === 'invalid' || (isStrict && verdict === 'valid-with-warning')
  const servers = files.flatMap((file) => file.servers)
  if (files.some(({ source }) => isBad(source.loaded.verdict))) return exitCodes.configInvalid
  if (servers.some(({ unresolved }) => unresolved !== undefined)) return exitCodes.configInvalid
  const failed = servers.flatMap(({ probe }) => (probe && !probe.ok ? exitCodeOf(probe.code) : []))
  const [first = exitCodes.ok] = [exitCodes.configInvalid, exitCodes.unavailable, ...failed].filter((code) =>
    failed.includes(code),
  )
  return first
}
