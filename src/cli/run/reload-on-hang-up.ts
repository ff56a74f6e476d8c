import type { Supervisor } from '../../index.js'
import { failureOf } from '../command-error.js'
import { type ConfigSource, readConfigSource } from '../config-source.js'

export interface HangUpOptions {
  readonly supervisor: Supervisor
  readonly path: string
  /** Tells what is in the file, and whether it may be used. */
  readonly accept: (source: ConfigSource) => Promise<boolean>
  readonly say: (text: string) => void
}

/** Reads the file again and reloads on each SIGHUP, one after the other, until it is told to stop. */
export function reloadOnHangUp({ supervisor, path, accept, say }: HangUpOptions): () => void {
  let turn = Promise.resolve()

  async function reload(): Promise<void> {
    try {
      const source = await readConfigSource(path)
      // Whoever listens to the supervisor hears what the reload did.
      if (await accept(source)) await supervisor.reload(source.loaded.config)
    } catch (error) {
      say(`Not reloaded: ${failureOf(error).message}`)
    }
  }
  const hear = (): void => void (turn = turn.then(reload))
  process.on('SIGHUP', hear)
  return () => void process.off('SIGHUP', hear)
}
