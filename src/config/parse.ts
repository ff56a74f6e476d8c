import { configInvalid } from '../errors.js'
import type { Policy } from './defaults.js'
import { type KnownEntries, readDocument } from './document.js'
import type { ParsedEntry } from './entry.js'
import { type Finding, withHint } from './findings.js'
import { type PlainObject, copyPlain } from './plain-data.js'
import { parsePolicy } from './policy.js'

export interface ParseOptions {
  /** Supervision settings below those of the configuration. */
  readonly defaults?: Partial<Policy> | undefined
}

/** Reads one configuration after another, and of each only the entries that the one before did not have. */
export function createParser(options: ParseOptions = {}): (input: unknown) => ParsedConfig {
  const known: KnownEntries = new WeakMap()
  const defaults = parsePolicy(options.defaults, 'defaults')
  let before: unknown
  return (input) => {
    before = copyPlain(input, before)
    return read(before, defaults, known)
  }
}

/** A configuration whose top level is right. Entries may still be wrong, each for itself. */
export interface ParsedConfig {
  /** In configuration order. */
  readonly servers: ReadonlyMap<string, ParsedEntry>
  /** There was no map of servers, which is not the same as an empty one. */
  readonly missing: boolean
  /** A frozen copy of the map of servers, as it was given. */
  readonly raw: PlainObject
  /** What was read otherwise than written, or not at all. */
  readonly warnings: readonly Finding[]
}

/**
 * Reads a configuration that is a JSON value already: `{ mcpServers: { name: entry }, supervisor?: defaults }`. Every entry is
 * read for itself: a bad one is `{ ok: false }` and affects no other.
 * @throws `CONFIG_INVALID` when the top level has the wrong shape
 */
export function parseConfig(input: unknown, options: ParseOptions = {}): ParsedConfig {
  return read(copyPlain(input), parsePolicy(options.defaults, 'defaults'))
}

function read(document: unknown, defaults: Partial<Policy>, known?: KnownEntries): ParsedConfig {
  const { servers, missing, raw, findings } = readDocument(document, defaults, known)
  const wrong = findings.find(
    ({ severity, server, code }) => severity === 'error' && server === undefined && isTopLevel(code),
  )
  if (wrong) throw configInvalid(withHint(wrong))
  return { servers, missing, raw, warnings: findings.filter(({ severity }) => severity === 'warning') }
}

/** A missing map is for the caller to judge, a refused name concerns that one server. */
function isTopLevel(code: Finding['code']): boolean {
  return code !== 'no-servers-key' && code !== 'bad-name'
}
