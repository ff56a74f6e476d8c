import { isDeepStrictEqual } from 'node:util'
import { type ReadDocument, readDocument } from './document.js'
import type { ServerEntry } from './entry.js'
import type { GatewaySettings } from './gateway.js'
import { type Finding, type Tell, firstError, tellOfDocument } from './findings.js'
import { type JsonTree, type Position, createLocator, parseJsonTree } from './json-tree.js'
import type { ParseOptions } from './parse.js'
import { parsePolicy } from './policy.js'
import { foreignFormat, tooDeepAt } from './source-text.js'
import { quoted } from './wording.js'

export type Verdict = 'valid' | 'valid-with-warning' | 'invalid'

/** A finding with its place in the text. */
export type LocatedFinding = Finding & Position

export interface ServerVerdict {
  readonly verdict: Verdict
  readonly findings: readonly LocatedFinding[]
  /** Present unless the verdict is `invalid`. */
  readonly entry?: ServerEntry
}

/** A configuration text, judged as a whole and server by server. */
export interface LoadedConfig {
  /** `invalid` if the document or one server is. The other servers may still be used. */
  readonly verdict: Verdict
  /** What concerns the document as a whole. */
  readonly document: readonly LocatedFinding[]
  /** In the order of the text. */
  readonly servers: ReadonlyMap<string, ServerVerdict>
  /** What the object `gateway` says; nothing where it is wrong. */
  readonly gateway: GatewaySettings
  /** The value of the text, for `createSupervisor` and `reload`; undefined when it could not be read. */
  readonly config: unknown
}

/**
 * Judges a configuration text: JSON with comments and trailing commas. Looks at nothing but the text.
 * @throws `CONFIG_INVALID` only for wrong `defaults`
 */
export function loadConfig(source: string, options: ParseOptions = {}): LoadedConfig {
  const defaults = parsePolicy(options.defaults, 'defaults')
  const text = source.replace(/^\uFEFF/, '')
  const findings: Finding[] = []
  const tell = tellOfDocument(findings)
  const locate = createLocator(text)
  const unreadable = unreadableAt(text, tell)
  if (unreadable !== undefined) return unread(findings, locate(unreadable))
  const tree = parseJsonTree(text)
  const error = tree.errors[0]
  if (error) {
    const hint = /^\s*"[^"]*"\s*:/.test(text) ? 'put { and } around it' : undefined
    tell('syntax', [], `The configuration must be JSON: ${error.reason}`, { hint })
    return unread(findings, locate(error.offset))
  }
  const read = readDocument(tree.value, defaults)
  const located = (finding: Finding): LocatedFinding => ({ ...finding, ...locate(tree.offsetOf(finding.path)) })
  tellOfDuplicates(tree, read, tell)
  const all = [...findings, ...read.findings].map(located)
  const bySubject = groupBySubject(all)
  const servers = new Map(
    [...read.servers].flatMap(([name, parsed]): [string, ServerVerdict][] => {
      const own = bySubject.get(name) ?? []
      // A refused name is a finding of the document and no server at all.
      if (!parsed.ok && own.length === 0) return []
      return [[name, { verdict: verdictOf(own), findings: own, ...(parsed.ok && { entry: parsed.entry }) }]]
    }),
  )
  return {
    verdict: verdictOf(all),
    gateway: read.gateway,
    document: bySubject.get(undefined) ?? [],
    servers,
    config: tree.value,
  }
}

/** Tells why a text cannot be parsed at all, and gives the offset of the reason. */
function unreadableAt(text: string, tell: Tell): number | undefined {
  if (text.trim() === '') {
    tell('empty-file', [], 'The configuration is empty')
    return 0
  }
  const format = foreignFormat(text)
  if (format) {
    tell('unsupported-format', [], `The configuration must be JSON, got ${format}`, { hint: 'import it' })
    return 0
  }
  const deep = tooDeepAt(text)
  if (deep !== undefined) tell('syntax', [], 'The configuration must be nested at most 100 levels deep')
  return deep
}

function unread(findings: readonly Finding[], position: Position): LoadedConfig {
  const document = findings.map((finding) => ({ ...finding, ...position }))
  return { verdict: 'invalid', document, servers: new Map(), gateway: {}, config: undefined }
}

function tellOfDuplicates({ duplicates }: JsonTree, { path: serversPath }: ReadDocument, tell: Tell): void {
  for (const path of duplicates) {
    const isServer = isDeepStrictEqual(path.slice(0, -1), serversPath)
    const text = `${quoted(String(path.at(-1)))} is there more than once: only the last one counts`
    tell(isServer ? 'duplicate-server' : 'duplicate-key', path, text)
  }
}

/** The findings of each server; those of the document have no key. */
function groupBySubject(findings: readonly LocatedFinding[]): Map<string | undefined, LocatedFinding[]> {
  const groups = new Map<string | undefined, LocatedFinding[]>()
  for (const finding of findings) {
    const group = groups.get(finding.server)
    if (group) group.push(finding)
    else groups.set(finding.server, [finding])
  }
  return groups
}

function verdictOf(findings: readonly Finding[]): Verdict {
  if (firstError(findings)) return 'invalid'
  return findings.some(({ severity }) => severity === 'warning') ? 'valid-with-warning' : 'valid'
}
