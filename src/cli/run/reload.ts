import type { Supervisor } from '../../index.js'
import { failureOf } from '../command-error.js'
import type { Configuration } from '../configuration.js'

export interface ReloadOptions {
  readonly supervisor: Supervisor
  /** Reads the configuration; undefined when it may not be used, which has then been told. */
  readonly read: () => Promise<Configuration | undefined>
  readonly say: (text: string) => void
}

/** Returns what reads the configuration again and reloads, one after the other however often it is called. */
export function createReload({ supervisor, read, say }: ReloadOptions): () => void {
  let turn = Promise.resolve()

  async function reload(): Promise<void> {
    try {
      const configuration = await read()
      // Whoever listens to the supervisor hears what the reload did.
      if (configuration) await supervisor.reload(configuration.config)
    } catch (error) {
      say(`Reload refused, what runs stays as it was: ${failureOf(error).message}`)
    }
  }
  return () => void (turn = turn.then(reload))
}
