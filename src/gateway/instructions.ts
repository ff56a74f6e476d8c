import type { Supervisor } from '../index.js'

/** What one server says, and what all say together, may take so many characters of the context of a client. */
const longestOfOne = 2_000
const longestOfAll = 10_000

/** What these servers say of their use, as far as it is known. */
export function instructionsOf(supervisor: Supervisor, servers: string[], isPlain: boolean): string | undefined {
  const parts = servers.flatMap((server) => {
    const said = supervisor.catalog(server)?.instructions?.trim()
    if (!said) return []
    return isPlain ? [said] : [`# ${server}\n${said.slice(0, longestOfOne)}`]
  })
  return parts.length === 0 ? undefined : parts.join('\n\n').slice(0, longestOfAll)
}
