import { type FSWatcher, watch } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Hears of changes in the folder of a file and in the folder of the file it links to. Folders and not the file, because a
 * watch on a file is deaf after the first atomic replace.
 */
export interface FolderWatch {
  /** Watches what the path leads to now. Resolves false while its folder is missing or the system refuses. Never rejects. */
  follow(): Promise<boolean>
  close(): void
}

interface Watched {
  readonly inode: bigint
  readonly watcher: FSWatcher
}

export function createFolderWatch(path: string, changed: () => void): FolderWatch {
  const watched = new Map<string, Watched>()
  let isClosed = false

  function forget(folder: string): void {
    watched.get(folder)?.watcher.close()
    watched.delete(folder)
  }

  /** A folder that was deleted and made again has the same name, and another inode. */
  function keep(folder: string, inode: bigint): boolean {
    if (watched.get(folder)?.inode === inode) return true
    forget(folder)
    try {
      const watcher = watch(folder, { persistent: false }, changed)
      // Its folder is gone, or the system gave up: the next look says which.
      watcher.on('error', () => {
        forget(folder)
        changed()
      })
      watched.set(folder, { inode, watcher })
      return true
    } catch {
      // No watches left, or a file system without them: the caller looks by itself.
      return false
    }
  }

  return {
    async follow() {
      const home = dirname(resolve(path))
      const folders = new Map(await Promise.all([existing(home), targetOf(path)]))
      if (isClosed) return true
      for (const folder of watched.keys()) if (!folders.has(folder)) forget(folder)
      const kept = [...folders].map(([folder, inode]) => keep(folder, inode))
      return folders.has(home) && kept.every(Boolean)
    },
    close() {
      isClosed = true
      for (const folder of watched.keys()) forget(folder)
    },
  }
}

type Folder = readonly [path: string, inode: bigint]

/** The folder, or the nearest one above it that is there: it hears when the folder comes. */
async function existing(folder: string): Promise<Folder> {
  try {
    return [folder, (await stat(folder, { bigint: true })).ino]
  } catch {
    const above = dirname(folder)
    return above === folder ? [folder, 0n] : existing(above)
  }
}

/** The folder of the file that a link leads to; of the path itself while it leads nowhere. */
async function targetOf(path: string): Promise<Folder> {
  const target = await realpath(path).catch(() => resolve(path))
  return existing(dirname(target))
}
