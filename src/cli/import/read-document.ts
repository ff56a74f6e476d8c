import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'

import { type FindingCode, loadConfigFile } from '../../config/index.js'
import { CommandError } from '../command-error.js'
import { exitCodes } from '../exit-codes.js'

export interface Document {
  readonly value: unknown
  /** Sections that mean nothing here, and names of which the last counts. */
  readonly leftOut: readonly string[]
}

const told: ReadonlySet<FindingCode> = new Set(['ignored-section', 'duplicate-server', 'duplicate-key'])

/** Reads a configuration file: JSON with comments, TOML or YAML. @throws CommandError that names the file */
export async function readDocument(path: string): Promise<Document> {
  const { config, document } = await loadConfigFile(path)
  const leftOut = document.flatMap(({ code, message }) => (told.has(code) ? [message] : []))
  if (config !== undefined) return { value: config, leftOut }
  const [first] = document
  if (['.toml', '.yaml', '.yml'].includes(extname(path)) || first?.code === 'unsupported-format')
    return { value: await readOther(path), leftOut: [] }
  const place = first ? `:${first.line}:${first.column}: ${first.message}` : ' cannot be read'
  throw new CommandError(exitCodes.configInvalid, `${path}${place}`)
}

/** Neither library is loaded for JSON. */
async function readOther(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  const isToml = extname(path) === '.toml' || /^\s*(?:#.*\s*)*(?:\[|[\w."-]+\s*=)/.test(text)
  try {
    if (isToml) return (await import('smol-toml')).parse(text)
    return (await import('yaml')).parse(text) as unknown
  } catch (error) {
    // The first line alone: the others quote the file, which may hold secrets.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new CommandError(
      exitCodes.configInvalid,
      `${path} must be ${isToml ? 'TOML' : 'YAML'}: ${reason.replace(/:$/, '')}`,
    )
  }
}
