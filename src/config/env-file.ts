import { readFile, stat } from 'node:fs/promises'
import { parseEnv } from 'node:util'

/** Larger than any file of variables, small enough to be read at once. */
const largestEnvFileBytes = 1024 * 1024

/** Reads a dotenv file. @throws what the file system says, or why the file is refused */
export async function readEnvFile(path: string, signal?: AbortSignal): Promise<Record<string, string>> {
  const stats = await stat(path)
  // Opening a pipe or a terminal would wait for its writer for ever.
  if (!stats.isFile()) throw new Error('it is not a regular file')
  if (stats.size > largestEnvFileBytes) throw new Error(`it is larger than ${largestEnvFileBytes} bytes`)
  const text = await readFile(path, { encoding: 'utf8', ...(signal && { signal }) })
  const variables = Object.entries(parseEnv(text.replace(/^\uFEFF/, '')))
  return Object.fromEntries(variables.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
