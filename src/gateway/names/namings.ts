import type { Supervisor } from '../../index.js'
import { invalid } from '../options.js'
import { type Naming, createPlainNaming, createPrefixNaming } from './naming.js'

/** The naming of the configuration in force: made anew when a reload changes which servers there are. */
export interface Namings {
  current(): Naming
  close(): void
}

export interface NamingsParts {
  readonly supervisor: Supervisor
  readonly form: 'prefix' | 'plain'
  /** Servers of the configuration in force are not shown. */
  readonly hidden: (error: Error) => void
}

/** @throws `CONFIG_INVALID` for `plain` when there is not exactly one server */
export function createNamings({ supervisor, form, hidden }: NamingsParts): Namings {
  let naming = form === 'plain' ? createPlainNaming(onlyServer(supervisor.servers())) : prefixed()

  function prefixed(): Naming {
    const made = createPrefixNaming(supervisor.servers())
    for (const { name, takenBy } of made.refused)
      hidden(new Error(`Server "${name}" is not shown, for "${takenBy}" has its name`))
    return made
  }

  /** Follows the one server to another; of several, that which was there before is shown alone. */
  function followed(): Naming {
    try {
      return createPlainNaming(onlyServer(supervisor.servers()))
    } catch (error) {
      hidden(error as Error)
      return naming
    }
  }

  const ignore = supervisor.on('config.reloaded', ({ report }) => {
    if (!report.ok || report.added.length + report.removed.length === 0) return
    naming = form === 'plain' ? followed() : prefixed()
  })
  return { current: () => naming, close: ignore }
}

function onlyServer([server, ...others]: readonly string[]): string {
  if (server !== undefined && others.length === 0) return server
  const count = server === undefined ? 0 : others.length + 1
  throw invalid(`"naming": "plain" must come with exactly one server, got ${count}`)
}
