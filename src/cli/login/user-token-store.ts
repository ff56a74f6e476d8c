import { join } from 'node:path'

import { type TokenStore, createFileTokenStore, createKeyringTokenStore } from '../../index.js'
import type { TokenStoreOptions } from '../options.js'
import { stateFolder } from '../state-folder.js'
import type { Terminal } from '../terminal.js'

/**
 * The tokens of whoever uses the command line: `auth` puts them there, `run`, `serve` and `check` find them.
 * @throws `CONFIG_INVALID` when the keyring is asked for and cannot be used
 */
export async function userTokenStore(
  { tokenStore }: TokenStoreOptions,
  terminal: Pick<Terminal, 'env'>,
): Promise<TokenStore> {
  const folder = join(stateFolder(terminal), 'tokens')
  return tokenStore === 'keyring' ? createKeyringTokenStore(folder) : createFileTokenStore(folder)
}
