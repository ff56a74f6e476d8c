import { unwatchFile, watchFile } from 'node:fs'

const intervalMs = 500

/**
 * Calls `changed` after any of the files was written, replaced, removed or put back, until it is told to stop. For what a
 * supervisor cannot follow by itself: it knows one file, and takes it whole.
 */
export function followFiles(paths: readonly string[], changed: () => void): () => void {
  for (const path of paths) watchFile(path, { interval: intervalMs, persistent: false }, changed)
  return () => {
    for (const path of paths) unwatchFile(path, changed)
  }
}
