import { join } from 'node:path'

import { type CatalogStore, createFileCatalogStore } from '../index.js'
import { stateFolder } from './state-folder.js'
import type { Terminal } from './terminal.js'

/**
 * What the servers of these configuration files last listed, and which of their tools are approved: beyond one life of the
 * program, and apart from servers of the same names in other files. Nothing secret is in it.
 */
export function userCatalogStore(terminal: Pick<Terminal, 'env'>, paths: readonly string[]): CatalogStore {
  const store = createFileCatalogStore(join(stateFolder(terminal), 'catalogs'))
  const keyOf = (server: string): string => JSON.stringify([...paths, server])
  return {
    read: (server) => store.read(keyOf(server)),
    write: (server, document) => store.write(keyOf(server), document),
  }
}
