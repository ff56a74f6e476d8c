import { randomUUID } from 'node:crypto'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'

/** Puts a file in place as a whole: whoever reads it meanwhile sees the old or the new one. `mode` is that of the file. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const written = `${path}.${randomUUID()}`
  try {
    await writeFile(written, text, { mode, flag: 'wx', flush: true })
    // The mask of the process may have narrowed it.
    await chmod(written, mode)
    await rename(written, path)
  } catch (error) {
    await rm(written, { force: true })
    throw error
  }
}
