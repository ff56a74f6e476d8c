import { readFile } from 'node:fs/promises'

import { type LoadedConfig, type LocatedFinding, loadConfigFile } from '../config/index.js'
import { linesOf } from './code-frame.js'
import { maskedSource } from './masked-source.js'

/** A configuration file, judged, with its lines for quotation. */
export interface ConfigSource {
  readonly path: string
  readonly loaded: LoadedConfig
  /** Secrets are starred. */
  readonly lines: readonly string[]
}

/** @throws SupervisorError `CONFIG_INVALID` when the file cannot be read */
export async function readConfigSource(path: string): Promise<ConfigSource> {
  const loaded = await loadConfigFile(path)
  return { path, loaded, lines: await readLines(path) }
}

export async function readLines(path: string): Promise<readonly string[]> {
  return linesOf(maskedSource(await readFile(path, 'utf8')))
}

/** Every finding, in the order of the text. */
export function findingsOf({ document, servers }: LoadedConfig): LocatedFinding[] {
  const all = [...document, ...[...servers.values()].flatMap(({ findings }) => findings)]
  return all.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
