import type { ParsedConfig } from '../config/parse.js'
import { SupervisorError, configInvalid, failure, messageOf } from '../errors.js'
import type { ReloadChanges, ReloadReport } from '../events.js'
import type { TargetServer } from '../machines/supervisor.events.js'
import type { Definitions } from './definitions.js'
import type { Root, Servers } from './servers.js'
import { withStopped } from './stopped-changes.js'

export interface Reloads {
  /** Puts the first configuration in force: every server is spawned, none connects that is lazy. */
  start(parsed: ParsedConfig): void
  /** Validates, resolves, compares and applies a configuration; resolves when every server it touched has changed. */
  reload(config: unknown): Promise<ReloadReport>
  /** Closes a server and keeps it closed, whatever is reloaded. Resolves when nothing of it is left. @throws `SERVER_UNKNOWN` */
  stop(name: string): Promise<void>
  /** Lets a stopped server run again. @throws `SHUTDOWN`, `SERVER_UNKNOWN` */
  resume(name: string): void
}

export interface ReloadPorts {
  readonly root: Root
  readonly servers: Servers
  readonly definitions: Definitions
  readonly parse: (config: unknown) => ParsedConfig
  /** Servers were added, changed or ended. */
  readonly applied: () => void
}

/** Reloads take effect in the order of their calls, however long their files and inputs take to resolve. */
export function createReloads({ root, servers, definitions, parse, applied }: ReloadPorts): Reloads {
  const settled = new Map<number, (changes: ReloadChanges) => void>()
  let lastId = 0
  let turn: Promise<unknown> = Promise.resolve()
  /** Handles of the reload whose entries are being resolved: no server has them yet. */
  let coming: readonly string[] = []
  /** Ends that are under way, by name: who stops a server again waits for the same. */
  const stopping = new Map<string, Promise<unknown>>()

  root.on('reload.settled', ({ reloadId, changes }) => {
    settled.get(reloadId)?.(changes)
    settled.delete(reloadId)
    if (settled.size === 0) definitions.keepOnly(new Set([...coming, ...servers.entries().map(({ id }) => id)]))
  })

  function define(parsed: Pick<ParsedConfig, 'servers'>): TargetServer[] {
    return [...parsed.servers].flatMap(([name, entry]) =>
      entry.ok && entry.entry.disabled ? [] : { name, entry: definitions.define(name, entry) },
    )
  }

  /** Handles that are in force already have no digest and need none. */
  function send(wanted: readonly TargetServer[], digests: Record<string, string> = {}): Promise<ReloadChanges> {
    const reloadId = ++lastId
    const changes = new Promise<ReloadChanges>((resolve) => settled.set(reloadId, resolve))
    const target = wanted.filter(({ name }) => !servers.halted.has(name))
    root.send({ type: 'reload', reloadId, target, digests, halted: [...servers.halted] })
    applied()
    return changes
  }

  function apply(parsed: ParsedConfig, target: readonly TargetServer[], digests: Record<string, string>) {
    const [stopped, before] = [new Set(servers.halted), servers.all()]
    servers.accept(parsed)
    const changes = send(target, digests)
    return stopped.size === 0
      ? changes
      : changes.then((of) => withStopped(of, { stopped, before, after: parsed.servers }))
  }

  function requireRunning(): void {
    if (!root.getSnapshot().matches('running')) throw closed()
  }

  /** Comes to the point where the reload is in force; `changes` then tells when its servers have followed. */
  async function begin(config: unknown): Promise<{ changes: Promise<ReloadChanges> }> {
    const parsed = parseWhole(parse, config)
    const target = define(parsed)
    coming = target.map(({ entry }) => entry.id)
    const digests = await definitions.digests(new Set([...coming, ...servers.entries().map(({ id }) => id)]))
    requireRunning()
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
    async stop(name) {
      requireRunning()
      servers.parsed(name)
      servers.halted.add(name)
      const end = stopping.get(name) ?? send(servers.present())
      stopping.set(name, end)
      await end
      if (stopping.get(name) === end) stopping.delete(name)
    },
    resume(name) {
      requireRunning()
      const entry = servers.parsed(name)
      if (!servers.halted.delete(name)) return
      // It lives again: whoever stops it from now on waits for another end.
      stopping.delete(name)
      void send([...servers.present(), ...define({ servers: new Map([[name, entry]]) })])
    },
  }
}

/** @throws `CONFIG_INVALID` for a wrong top level, a missing `mcpServers`, or the first invalid entry. */
function parseWhole(parse: (config: unknown) => ParsedConfig, config: unknown): ParsedConfig {
  const parsed = parse(config)
  if (parsed.missing)
    throw configInvalid('"mcpServers" must be an object, got undefined; give {} to remove every server')
  for (const [name, entry] of parsed.servers) {
    if (!entry.ok) throw configInvalid(`Invalid configuration for server "${name}": ${entry.message}`)
  }
  return parsed
}

const closed = () => new SupervisorError(failure('SHUTDOWN', 'The supervisor is closed', { phase: 'config' }))

function asSupervisorError(error: unknown): SupervisorError {
  return error instanceof SupervisorError
    ? error
    : configInvalid(`The configuration could not be read: ${messageOf(error)}`, error)
}
