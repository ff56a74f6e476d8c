import { defaultPolicy } from '../config/defaults.js'
import { digestEntry, digestUnresolved, digestWay, digestWritten } from '../config/digest.js'
import type { ParsedEntry, ServerEntry, TransportKind } from '../config/entry.js'
import { type ResolveScope, type ResolvedEntry, isFixed, resolveEntry } from '../config/resolve.js'
import { SupervisorError, failure } from '../errors.js'
import type { EntryRef } from '../messages.js'

/** The outcome of resolving an entry, with the identity by which a reload compares it. */
export type Resolution = { digest: string; entry: ResolvedEntry } | { digest: string; error: unknown }

/** @throws what a resolution failed with */
export function resolved(resolution: Resolution) {
  if ('error' in resolution) throw resolution.error
  return resolution
}

/**
 * The configurations behind the handles that machines hold. Secrets live here and nowhere else: a handle in an event or
 * a context is a name and a number.
 */
export interface Definitions {
  /** Books a parsed entry and returns its handle. */
  define(name: string, parsed: ParsedEntry): EntryRef
  /** Resolves the placeholders of an entry, once, and remembers the outcome. Rejects only for an unknown handle. */
  resolve(id: string): Promise<Resolution>
  /** The digests of these entries, resolved. */
  digests(ids: Iterable<string>): Promise<Record<string, string>>
  /** As `resolve` for a server that is about to start: the second start and later ones look at the environment anew. */
  prepare(id: string): Promise<Resolution>
  /** Identifies an entry across processes, as it is written; undefined for an invalid or unknown one. */
  digestOf(id: string): string | undefined
  /** Identifies across processes how a server is started or reached; undefined for an invalid or unknown entry. */
  wayOf(id: string): string | undefined
  /** Drops every definition but these. */
  keepOnly(ids: ReadonlySet<string>): void
}

interface Definition {
  readonly name: string
  readonly parsed: ParsedEntry
  resolution?: Promise<Resolution>
  /** Its digest as it is written, once somebody asked. */
  written?: string
  isPrepared: boolean
}

export function createDefinitions(scope: () => ResolveScope): Definitions {
  const definitions = new Map<string, Definition>()
  /** The last one of each name. */
  const latest = new Map<string, Definition>()
  /** The digests of resolutions that are over: asking for those of a thousand servers must not cost as many waits. */
  const known = new WeakMap<Promise<Resolution>, string>()
  let count = 0

  function find(id: string): Definition {
    const definition = definitions.get(id)
    if (!definition) throw new TypeError(`Definition must be known, got "${id}"`)
    return definition
  }

  function resolve(definition: Definition): Promise<Resolution> {
    return (definition.resolution ??= compute(definition))
  }

  async function digestOf(definition: Definition): Promise<string> {
    const resolution = resolve(definition)
    const { digest } = await resolution
    known.set(resolution, digest)
    return digest
  }

  /** Without placeholders an entry resolves to the same as before, whatever changed around it. */
  function inherit(definition: Definition): void {
    const { name, parsed } = definition
    const before = latest.get(name)
    latest.set(name, definition)
    if (before?.parsed !== parsed || !before.resolution || !parsed.ok || !isFixed(parsed.entry)) return
    definition.resolution = before.resolution
  }

  async function compute({ name, parsed }: Definition): Promise<Resolution> {
    if (!parsed.ok) return { digest: '', error: invalid(name, parsed.message) }
    try {
      const entry = await resolveEntry(name, parsed.entry, scope())
      return { digest: digestEntry(entry), entry }
    } catch (error) {
      return { digest: digestUnresolved(parsed.entry), error }
    }
  }

  return {
    define(name, parsed) {
      const id = `${name}#${++count}`
      const definition: Definition = { name, parsed, isPrepared: false }
      definitions.set(id, definition)
      inherit(definition)
      if (!parsed.ok)
        return { id, transport: 'stdio', policy: defaultPolicy, invalid: invalid(name, parsed.message).toJSON() }
      return { id, transport: kindOf(parsed.entry), policy: parsed.entry.policy }
    },
    async resolve(id) {
      return resolve(find(id))
    },
    async digests(ids) {
      const digests: Record<string, string> = {}
      const unknown: (readonly [string, Definition])[] = []
      for (const id of ids) {
        const definition = find(id)
        const digest = definition.resolution && known.get(definition.resolution)
        if (digest === undefined) unknown.push([id, definition])
        else digests[id] = digest
      }
      const asked = await Promise.all(
        unknown.map(async ([id, definition]) => [id, await digestOf(definition)] as const),
      )
      return Object.assign(digests, Object.fromEntries(asked))
    },
    async prepare(id) {
      const definition = find(id)
      if (definition.isPrepared) delete definition.resolution
      definition.isPrepared = true
      return resolve(definition)
    },
    digestOf(id) {
      const definition = definitions.get(id)
      if (!definition?.parsed.ok) return undefined
      return (definition.written ??= digestWritten(definition.parsed.entry))
    },
    wayOf(id) {
      const parsed = definitions.get(id)?.parsed
      return parsed?.ok ? digestWay(parsed.entry) : undefined
    },
    keepOnly(ids) {
      for (const id of definitions.keys()) if (!ids.has(id)) definitions.delete(id)
      latest.clear()
      for (const definition of definitions.values()) latest.set(definition.name, definition)
    },
  }
}

function kindOf({ endpoint }: ServerEntry): TransportKind {
  return endpoint.transport === 'auto' ? 'http' : endpoint.transport
}

function invalid(server: string, message: string): SupervisorError {
  return new SupervisorError(failure('CONFIG_INVALID', message, { server, phase: 'config' }))
}
