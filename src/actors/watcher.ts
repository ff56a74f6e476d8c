import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { type CallbackActorLogic, fromCallback } from 'xstate'

import type { Clock } from '../clock.js'
import { codeOf } from '../errors.js'
import { createFolderWatch } from './folder-watch.js'

/** A save is often several events: a new file, its content, its name. */
const quietMs = 100
/** A folder that is never quiet is looked at all the same. */
const patienceMs = 1_000
/** How often to look where the system tells no changes. */
const pollMs = 2_000
/** Larger than any configuration. */
const largestBytes = 16 * 1024 * 1024

export interface WatcherOptions {
  readonly path: string
  readonly clock: Clock
}

/**
 * Tells its parent, by `config.changed`, when a file has other content than at the last look: after a write, an atomic
 * replace, a changed link, and when it went or came back. The first look tells too, for the file may have changed since
 * the host read it. Keeps no host alive.
 */
export function fromWatcher({ path, clock }: WatcherOptions): CallbackActorLogic<{ type: string }> {
  return fromCallback<{ type: string }>(({ sendBack }) => {
    const folders = createFolderWatch(path, changed)
    let timer: unknown
    let firstChangeAt: number | undefined
    let lastContent: string | undefined
    let isOver = false
    let turn = look()

    function changed(): void {
      firstChangeAt ??= clock.now()
      lookIn(Math.min(quietMs, firstChangeAt + patienceMs - clock.now()))
    }

    function lookIn(ms: number): void {
      clock.clearTimeout(timer)
      timer = clock.setTimeout(
        () => {
          firstChangeAt = undefined
          turn = turn.then(look)
        },
        Math.max(0, ms),
      )
    }

    async function look(): Promise<void> {
      if (isOver) return
      // Watched before it is read: what changes after the reading is heard.
      const isWatched = await folders.follow()
      const content = await contentOf(path)
      if (isOver) return
      if (content !== lastContent) sendBack({ type: 'config.changed' })
      lastContent = content
      if (!isWatched && firstChangeAt === undefined) lookIn(pollMs)
    }

    return () => {
      isOver = true
      clock.clearTimeout(timer)
      folders.close()
    }
  })
}

/** Identifies the content of a file, or the reason why there is none. Never rejects. */
async function contentOf(path: string): Promise<string> {
  try {
    const stats = await stat(path)
    // A pipe would be read for ever.
    if (!stats.isFile() || stats.size > largestBytes) return `${stats.ino} ${stats.mtimeMs}`
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  } catch (error) {
    return codeOf(error) ?? String(error)
  }
}
