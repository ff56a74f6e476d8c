import type { ParsedConfig } from '../config/parse.js'
import { SupervisorError, failure } from '../errors.js'
import type { ReloadReport } from '../events.js'
import type { ReloadChanges, TargetServer } from '../machines/supervisor.events.js'
import type { Definitions } from './definitions.js'
import type { Root, Servers } from './servers.js'

export interface Reloads {
  /** Puts the first configuration in force: every server is spawned, none connects that is lazy. */
  start(parsed: ParsedConfig): void
  /** Validates, resolves, compares and applies a configuration; resolves when every server it touched has changed. */
  reload(config: unknown): Promise<ReloadReport>
}

export interface ReloadPorts {
  readonly root: Root
  readonly servers: Servers
  readonly definitions: Definitions
  readonly parse: (config: unknown) => ParsedConfig
  /** A configuration has been put in force. */
  readonly applied: () => void
}

/** Reloads take effect in the order of their calls, however long their files and inputs take to resolve. */
export function createReloads({ root, servers, definitions, parse, applied }: ReloadPorts): Reloads {
  const settled = new Map<number, (changes: ReloadChanges) => void>()
  let lastId = 0
  let turn: Promise<unknown> = Promise.resolve()
  /** Handles of the reload whose entries are being resolved: no server has them yet. */
  let coming: readonly string[] = []

  root.on('reload.settled', ({ reloadId, changes }) => {
    settled.get(reloadId)?.(changes)
    settled.delete(reloadId)
    if (settled.size === 0) definitions.keepOnly(new Set([...coming, ...servers.entries().map(({ id }) => id)]))
  })

  function define(parsed: ParsedConfig): TargetServer[] {
    return [...parsed.servers].flatMap(([name, entry]) =>
      entry.ok && entry.entry.disabled ? [] : { name, entry: definitions.define(name, entry) },
    )
  }

  function apply(parsed: ParsedConfig, target: readonly TargetServer[], digests: Record<string, string>) {
    const reloadId = ++lastId
    const changes = new Promise<ReloadChanges>((resolve) => settled.set(reloadId, resolve))
    servers.accept(parsed)
    root.send({ type: 'reload', reloadId, target, digests })
    applied()
    return changes
  }

  /** Comes to the point where the reload is in force; `changes` then tells when its servers have followed. */
  async function begin(config: unknown): Promise<{ changes: Promise<ReloadChanges> }> {
    const parsed = parseWhole(parse, config)
    const target = define(parsed)
    coming = target.map(({ entry }) => entry.id)
    const digests = await definitions.digests(new Set([...coming, ...servers.entries().map(({ id }) => id)]))
    if (!root.getSnapshot().matches('running')) throw closed()
    coming = []
    return { changes: apply(parsed, target, digests) }
  }

  return {
    start(parsed) {
      void apply(parsed, define(parsed), {})
    },
    async reload(config) {
      const begun = turn.then(() => begin(config))
      // A refused reload is told to its caller below; the next one only waits for its end.
      turn = begun.catch(() => undefined)
      try {
        const { changes } = await begun
        return { ok: true, ...(await changes) }
      } catch (error) {
        return { ok: false, error: asSupervisorError(error) }
      }
    },
  }
}

/** @throws `CONFIG_INVALID` for a wrong top level, a missing `mcpServers`, or the first invalid entry. */
function parseWhole(parse: (config: unknown) => ParsedConfig, config: unknown): ParsedConfig {
  const parsed = parse(config)
  if (parsed.missing) throw invalid('"mcpServers" must be an object, got undefined; give {} to remove every server')
  for (const [name, entry] of parsed.servers) {
    if (!entry.ok) throw invalid(`Invalid configuration for server "${name}": ${entry.message}`)
  }
  return parsed
}

const invalid = (message: string) => new SupervisorError(failure('CONFIG_INVALID', message, { phase: 'config' }))

const closed = () => new SupervisorError(failure('SHUTDOWN', 'The supervisor is closed', { phase: 'config' }))

function asSupervisorError(error: unknown): SupervisorError {
  if (error instanceof SupervisorError) return error
  return new SupervisorError(failure('CONFIG_INVALID', `The configuration could not be read: ${String(error)}`), error)
}
