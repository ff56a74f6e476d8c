import { homedir } from 'node:os'
import { join } from 'node:path'

import { type TokenStore, createFileTokenStore } from '../../index.js'
import type { Terminal } from '../terminal.js'

/** The tokens of whoever uses the command line: `auth` puts them there, `run`, `serve` and `check` find them. */
export function userTokenStore({ env }: Pick<Terminal, 'env'>): TokenStore {
  const state = env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  return createFileTokenStore(join(state, 'mcpvisor', 'tokens'))
}
