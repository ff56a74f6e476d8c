import { homedir } from 'node:os'
import { join } from 'node:path'

import { type CatalogStore, createFileCatalogStore } from '../index.js'
import type { Terminal } from './terminal.js'

/**
 * What the servers of these configuration files last listed, and which of their tools are approved: beyond one life of the
 * program, and apart from servers of the same names in other files. Nothing secret is in it.
 */
export function userCatalogStore({ env }: Pick<Terminal, 'env'>, paths: readonly string[]): CatalogStore {
  const state = env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  const store = createFileCatalogStore(join(state, 'mcpvisor', 'catalogs'))
  const keyOf = (server: string): string => JSON.stringify([...paths, server])
  return {
    read: (server) => store.read(keyOf(server)),
    write: (server, document) => store.write(keyOf(server), document),
  }
}
