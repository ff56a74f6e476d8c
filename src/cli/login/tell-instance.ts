import { CommandError } from '../command-error.js'
import { findInstance } from '../control/find.js'
import type { ConfigOptions } from '../options.js'
import { plainText } from '../plain-text.js'
import type { Terminal } from '../terminal.js'

/** What an instance has to do with the server that was logged in at, or out of: nothing, unless it is in that state. */
const toDo = {
  login: { state: 'failed', method: 'start' },
  logout: { state: 'ready', method: 'restart' },
} as const

/** Tells the instance that runs the configuration, if there is one, that the tokens of a server are others now. */
export async function tellInstance(
  what: keyof typeof toDo,
  server: string,
  options: ConfigOptions,
  terminal: Terminal,
): Promise<void> {
  const { state, method } = toDo[what]
  try {
    const client = await findInstance(options, terminal)
    if (!client) return
    try {
      const [view] = await client.request('status', { servers: [server] })
      if (view?.state === state) await client.request(method, { server, wait: false })
    } finally {
      client.close()
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    // The tokens are kept or forgotten all the same.
    terminal.err.line(plainText(`The running instance was not told: ${error.message}`))
  }
}
