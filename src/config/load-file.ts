import { readFile, stat } from 'node:fs/promises'
import { configInvalid, messageOf } from '../errors.js'
import { type LoadedConfig, loadConfig } from './load.js'
import type { ParseOptions } from './parse.js'
import { decodeText } from './source-text.js'
import { quoted } from './wording.js'

/** Larger than any configuration. */
const largestFileBytes = 4 * 1024 * 1024

/**
 * Reads and judges a configuration file.
 * @throws `CONFIG_INVALID` when it cannot be read, naming the path
 */
export async function loadConfigFile(
  path: string,
  { signal, ...options }: ParseOptions & { readonly signal?: AbortSignal } = {},
): Promise<LoadedConfig> {
  const bytes = await readBytes(path, signal).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw configInvalid(`Configuration file ${quoted(path, 200)} could not be read: ${messageOf(error)}`, error)
  })
  return loadConfig(decodeText(bytes), options)
}

async function readBytes(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const stats = await stat(path)
  // Opening a pipe or a terminal would wait for its writer for ever.
  if (!stats.isFile()) throw new Error('it is not a regular file')
  if (stats.size > largestFileBytes) throw new Error(`it is larger than ${largestFileBytes} bytes`)
  return readFile(path, { ...(signal && { signal }) })
}
