import { userTokenStore } from '../login/user-token-store.js'
import type { LoadedConfig } from '../../config/index.js'
import { type ErrorCode, type ServerStatus, type Supervisor, SupervisorError, createSupervisor } from '../../index.js'
import type { TokenStoreOptions } from '../options.js'

/** What trying a server for real came to. Times in whole milliseconds. */
export type Probe =
  | {
      readonly ok: true
      readonly transport: ServerStatus['transport']
      readonly protocolVersion?: string
      readonly tools: number
      readonly connectMs: number
      readonly listMs: number
      /** How its process or session was ended. */
      readonly endedBy?: string
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly stderrTail?: string }

export interface ProbeOptions extends TokenStoreOptions {
  readonly configPath: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** For connecting, and again for listing. */
  readonly timeoutMs: number
}

/** Starts every usable server at once, lists its tools and stops it. Nothing of them is left when it resolves. */
export async function probeServers(
  loaded: LoadedConfig,
  { timeoutMs, tokenStore, ...options }: ProbeOptions,
): Promise<Map<string, Probe>> {
  const usable = [...loaded.servers].flatMap(([name, { entry }]) => (entry && !entry.disabled ? [name] : []))
  const supervisor = createSupervisor(loaded.config, {
    ...options,
    tokenStore: await userTokenStore({ tokenStore }, options),
    maxStarting: Math.max(1, usable.length),
    defaults: { retries: 0 },
  })
  const probes = await Promise.all(
    usable.map(async (name) => [name, await probe(supervisor, name, timeoutMs)] as const),
  )
  const { errors, endedBy } = await supervisor.close()
  return new Map(probes.map(([name, result]) => [name, ended(result, endedBy[name], errors[name])]))
}

async function probe(supervisor: Supervisor, name: string, timeoutMs: number): Promise<Probe> {
  try {
    const startedAt = performance.now()
    await connected(supervisor, name, timeoutMs)
    const connectedAt = performance.now()
    const tools = await supervisor.listTools(name, { timeoutMs, refresh: true })
    const { transport, protocolVersion } = supervisor.status(name)
    return {
      ok: true,
      transport,
      tools: tools.length,
      connectMs: Math.round(connectedAt - startedAt),
      listMs: Math.round(performance.now() - connectedAt),
      ...(protocolVersion !== undefined && { protocolVersion }),
    }
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error
    const { code, message, stderrTail } = error
    return { ok: false, code, message, ...(stderrTail && { stderrTail }) }
  }
}

/** A deadline of ours explains itself as one of the server does: by what it wrote meanwhile. */
async function connected(supervisor: Supervisor, name: string, timeoutMs: number): Promise<void> {
  await supervisor.connect(name, { timeoutMs }).catch((error: unknown) => {
    if (!(error instanceof SupervisorError) || error.code !== 'CALL_TIMEOUT') throw error
    throw new SupervisorError({
      ...error.toJSON(),
      code: 'CONNECT_TIMEOUT',
      message: `Server "${name}" was not ready within ${timeoutMs} ms`,
      stderrTail: supervisor
        .explain(name)
        .stderr.map(({ line }) => line)
        .join('\n'),
    })
  })
}

function ended(probe: Probe, endedBy: string | undefined, error: string | undefined): Probe {
  if (error !== undefined) return { ok: false, code: 'SHUTDOWN', message: error }
  return probe.ok && endedBy !== undefined ? { ...probe, endedBy } : probe
}
