import { readFile, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { loadConfig, loadConfigFile } from '../../config/index.js'
import { CommandError } from '../command-error.js'
import { exitCodes } from '../exit-codes.js'
import { isObject } from '../plain-object.js'
import { standardEntry } from './standard-entry.js'

/** The file that servers are written to. */
export interface Target {
  /** Where it really is, when it is a link. */
  readonly path: string
  /** Undefined when it is not there yet. */
  readonly text: string | undefined
  /** Its servers as they would be written; one that is invalid as it is. */
  readonly entries: ReadonlyMap<string, unknown>
  readonly mode: number | undefined
}

/** @throws CommandError for a file that cannot be reached, holds something else, or has its servers in another form */
export async function readTarget(named: string): Promise<Target> {
  const path = await placeOf(named)
  const stats = await stat(path).catch(missing(path))
  if (!stats) return { path, text: undefined, entries: new Map(), mode: undefined }
  const { config, document, servers } = await loadConfigFile(path)
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  if (document.some(({ code }) => code === 'empty-file'))
    return { path, text: undefined, entries: new Map(), mode: stats.mode & 0o777 }
  const [first] = document
  if (!isObject(config) || text.includes('\0')) throw refused(path, first?.message ?? 'it is not JSON in UTF-8')
  const map = config['mcpServers'] ?? {}
  const isOurs = isObject(map) && ('mcpServers' in config || servers.size === 0)
  if (!isOurs) throw refused(path, 'its servers are not in an object "mcpServers"')
  // Without what the file says for all of them, which is no part of an entry.
  const alone = loadConfig(JSON.stringify({ mcpServers: map })).servers
  const entries = Object.entries(map).map(([name, raw]): [string, unknown] => {
    const entry = alone.get(name)?.entry
    return [name, entry ? standardEntry(entry) : raw]
  })
  return { path, text, entries: new Map(entries), mode: stats.mode & 0o777 }
}

/** Where a path leads to, also by a link to what is not there yet. */
async function placeOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const target =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? await readlink(path).catch(() => undefined) : undefined
    return target === undefined ? path : placeOf(resolve(dirname(path), target))
  }
}

/** Of what fails, only that nothing is there means a new file. */
function missing(path: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code !== 'ENOENT') throw refused(path, error.message)
  }
}

function refused(path: string, reason: string): CommandError {
  return new CommandError(
    exitCodes.configInvalid,
    `${path} cannot be imported into: ${reason}`,
    'name another file with --to',
  )
}
