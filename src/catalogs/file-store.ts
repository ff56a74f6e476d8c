import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { type CatalogStore, mostDocumentBytes } from './store.js'

/** Servers whose documents are kept; those written longest ago make room. */
const mostFiles = 1_000

/**
 * Keeps catalogues as files in a folder that is made when the first is written; only its owner may read it. A file is
 * named by a hash: the names of servers are data.
 */
export function createFileCatalogStore(folder: string): CatalogStore {
  const pathOf = (server: string) => join(folder, `${createHash('sha256').update(server).digest('hex')}.json`)

  /** A server costs one file. Removed are only files that are named as ours are. */
  async function prune(): Promise<void> {
    const names = (await readdir(folder)).filter((name) => /^[\da-f]{64}\.json$/.test(name))
    if (names.length <= mostFiles) return
    const files = await Promise.all(
      names.map(async (name) => ({ name, writtenAt: (await stat(join(folder, name))).mtimeMs })),
    )
    const oldest = files.toSorted((a, b) => a.writtenAt - b.writtenAt).slice(0, names.length - mostFiles)
    await Promise.all(oldest.map(({ name }) => rm(join(folder, name), { force: true })))
  }

  return {
    read(server) {
      const path = pathOf(server)
      const size = statSync(path, { throwIfNoEntry: false })?.size
      if (size === undefined) return undefined
      if (size > mostDocumentBytes)
        throw new RangeError(`"${path}" must be at most ${mostDocumentBytes} bytes, got ${size}`)
      return JSON.parse(readFileSync(path, 'utf8')) as unknown
    },
    async write(server, document) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const path = pathOf(server)
      // Whoever reads at the same time finds the document before or this one, never a part.
      const draft = `${path}.${randomUUID()}`
      try {
        await writeFile(draft, JSON.stringify(document), { mode: 0o600 })
        await rename(draft, path)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
      await prune()
    },
  }
}
