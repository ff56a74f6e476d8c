import { dirname, resolve } from 'node:path'

import { parseConfig } from '../config/index.js'
import { CommandError } from './command-error.js'
import { type ConfigSource, readConfigSource } from './config-source.js'
import type { Located } from './discover.js'
import { exitCodes } from './exit-codes.js'
import type { ConfigOptions } from './options.js'
import { pickServers } from './pick-servers.js'
import { type PlainObject, isObject } from './plain-object.js'

/** The configuration of a command: one file or several, whole or in part. */
export interface Configuration {
  readonly files: readonly Located[]
  readonly sources: readonly (Located & ConfigSource)[]
  /** For `createSupervisor` and `reload`. */
  readonly config: unknown
  /** For `createSupervisor`: relative paths of entries are looked up beside it. */
  readonly configPath: string
  /** It is not what a single file says, so that a supervisor cannot follow the file by itself. */
  readonly isComposed: boolean
}

type Selection = Pick<ConfigOptions, 'only' | 'except'>

/**
 * Reads the files, tells what is in them, and picks the servers that were asked for. Of two entries of one name the later wins.
 * @throws CommandError when a file cannot be used at all, or a name is asked for that is in none
 */
export async function readConfiguration(
  files: readonly Located[],
  selection: Selection,
  tell: (source: ConfigSource) => void = () => {},
): Promise<Configuration> {
  const sources = await Promise.all(files.map(async (file) => ({ ...file, ...(await readConfigSource(file.path)) })))
  for (const source of sources) tell(source)
  for (const { path, loaded } of sources) {
    if (loaded.config === undefined) throw new CommandError(exitCodes.configInvalid, whyUnusable(path, loaded))
  }
  const configPath = files[0]?.path ?? ''
  const isComposed = files.length > 1 || selection.only !== undefined || selection.except !== undefined
  const config = isComposed ? { mcpServers: picked(merged(sources), selection) } : sources[0]?.loaded.config
  return { files, sources, config, configPath, isComposed }
}

function whyUnusable(path: string, { document }: ConfigSource['loaded']): string {
  const [first] = document
  return first ? `${path}:${first.line}:${first.column}: ${first.message}` : `${path} cannot be used`
}

type Entries = ReadonlyMap<string, unknown>

function merged(sources: readonly ConfigSource[]): Entries {
  return new Map(sources.flatMap((source) => [...entriesOf(source)]))
}

/** The entries of a file, each with what the file says for all of them, so that they can stand beside those of another. */
function entriesOf({ path, loaded: { config } }: ConfigSource): Entries {
  const defaults = isObject(config) ? config['supervisor'] : undefined
  return new Map(
    Object.entries(parseConfig(config).raw).map(([name, entry]) => {
      if (!isObject(entry)) return [name, entry]
      const own = entry['supervisor']
      const supervisor = isObject(defaults) && (own === undefined || isObject(own)) ? { ...defaults, ...own } : own
      return [name, inFolder({ ...entry, ...(supervisor !== undefined && { supervisor }) }, dirname(path))]
    }),
  )
}

/** An entry whose paths that are relative to its file lead to the same place from anywhere. */
export function inFolder(entry: PlainObject, folder: string): unknown {
  const placed = { ...entry }
  const { envFile } = entry
  if (typeof envFile === 'string' && !envFile.startsWith('${')) placed['envFile'] = resolve(folder, envFile)
  const text = JSON.stringify(placed)
  return text.includes('${configDir}')
    ? JSON.parse(text.replace(/(?<!\$)\$\{configDir\}/g, () => inJson(folder)))
    : placed
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

function picked(entries: Entries, selection: Selection): Record<string, unknown> {
  return Object.fromEntries(selectNames([...entries.keys()], selection).map((name) => [name, entries.get(name)]))
}

/** The names that `--only` and `--except` leave. @throws CommandError for one that means none of them */
export function selectNames(names: readonly string[], { only, except = [] }: Selection): readonly string[] {
  const excluded = except.flatMap((name) => pickServers([name], names))
  return pickServers(only ?? [], names).filter((name) => !excluded.includes(name))
}
