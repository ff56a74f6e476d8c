import type { Supervisor } from '../../index.js'
import { invalid } from '../options.js'
import { type Naming, createPlainNaming, createPrefixNaming } from './naming.js'

/** The naming of the configuration in force: made anew when a reload changes which servers there are. */
export interface Namings {
  current(): Naming
  close(): void
}

/** @throws `CONFIG_INVALID` for `plain` when there is not exactly one server */
export function createNamings(supervisor: Supervisor, form: 'prefix' | 'plain'): Namings {
  if (form === 'plain') {
    const naming = createPlainNaming(onlyServer(supervisor.servers()))
    return { current: () => naming, close: () => {} }
  }
  let naming = createPrefixNaming(supervisor.servers())
  const ignore = supervisor.on('config.reloaded', ({ report }) => {
    if (report.ok && report.added.length + report.removed.length > 0) naming = createPrefixNaming(supervisor.servers())
  })
  return { current: () => naming, close: ignore }
}

function onlyServer([server, ...others]: readonly string[]): string {
  if (server !== undefined && others.length === 0) return server
  const count = server === undefined ? 0 : others.length + 1
  throw invalid(`"naming": "plain" must come with exactly one server, got ${count}`)
}
