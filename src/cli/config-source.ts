import { readFile } from 'node:fs/promises'

import { type LoadedConfig, type LocatedFinding, loadConfigFile } from '../config/index.js'
import { linesOf } from './code-frame.js'
import { maskedSource } from './masked-source.js'

/** A configuration file, judged, with its lines for quotation. */
export interface ConfigSource {
  readonly path: string
  readonly loaded: LoadedConfig
  /** Secrets are starred. Empty when the text is not fit to be quoted. */
  readonly lines: readonly string[]
}

/** @throws SupervisorError `CONFIG_INVALID` when the file cannot be read */
export async function readConfigSource(path: string): Promise<ConfigSource> {
  const loaded = await loadConfigFile(path)
  const text = await readFile(path, 'utf8')
  // What is no JSON may be anything, a file of secrets too; and what is not UTF-8 cannot be starred.
  const isQuotable = !text.includes('\0') && loaded.document.every(({ code }) => code !== 'unsupported-format')
  return { path, loaded, lines: isQuotable ? linesOf(maskedSource(text)) : [] }
}

/** Every finding, in the order of the text. */
export function findingsOf({ document, servers }: LoadedConfig): LocatedFinding[] {
  const all = [...document, ...[...servers.values()].flatMap(({ findings }) => findings)]
  return all.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
