import { withOneServer } from '../login/one-server.js'
import { tellInstance } from '../login/tell-instance.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { type ConfigOptions, type OutputOptions, type TokenStoreOptions, wantsJson } from '../options.js'
import { plainText } from '../plain-text.js'
import type { Terminal } from '../terminal.js'

export interface LogoutOptions extends ConfigOptions, OutputOptions, TokenStoreOptions {}

/** `mcpvisor logout`: forgets the tokens of a server, and has them revoked where that can be. Starts nothing. */
export async function logout(server: string, options: LogoutOptions, terminal: Terminal): Promise<ExitCode> {
  const { revoked } = await withOneServer(server, options, terminal, (supervisor) => supervisor.logout(server))
  await tellInstance('logout', server, options, terminal)
  const { out, env } = terminal
  const told = revoked ? 'revoked' : 'not revoked'
  if (wantsJson(options, env)) out.line(JSON.stringify({ server, revoked }))
  else out.line(`${plainText(server)}: tokens forgotten, ${told} at the authorization server`)
  return exitCodes.ok
}
