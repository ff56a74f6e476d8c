import { SupervisorError } from '../errors.js'

/** By which a server of 2026-07-28 refuses a call whose headers do not mirror its arguments as the tool wants it. */
const headerMismatch = -32020

/**
 * Makes a call of a tool. When the server refuses it because we know an older definition of the tool, the tools are listed
 * anew and the call is made once more: it was refused before anything was executed.
 */
export async function relisting<T>(call: () => Promise<T>, relist: () => Promise<unknown>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof SupervisorError) || error.mcp?.code !== headerMismatch) throw error
    await relist()
    return call()
  }
}
