import type { Supervisor } from '../index.js'
import type { View } from './view.js'

/** What one server says, and what all say together, may take so many characters of the context of a client. */
const longestOfOne = 2_000
const longestOfAll = 10_000

/** What the servers say of their use, as far as it is known and the view concerns it. */
export function instructionsOf(supervisor: Supervisor, view: View, isPlain: boolean): string | undefined {
  const parts = supervisor.servers().flatMap((server) => {
    const said = view.mayUse(server) ? supervisor.catalog(server)?.instructions?.trim() : undefined
    if (!said) return []
    return isPlain ? [said] : [`# ${server}\n${said.slice(0, longestOfOne)}`]
  })
  return parts.length === 0 ? undefined : parts.join('\n\n').slice(0, longestOfAll)
}
