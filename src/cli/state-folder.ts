import { homedir } from 'node:os'
import { join } from 'node:path'

import type { Terminal } from './terminal.js'

/** Where the command line keeps what lasts: consent, tokens, catalogues. */
export function stateFolder({ env }: Pick<Terminal, 'env'>): string {
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'mcpvisor')
}
