import { CommandError } from './command-error.js'
import { exitCodes } from './exit-codes.js'
import { isMeant } from './globs.js'
import { didYouMean } from './suggest.js'

/** The servers that names and patterns mean, in their order of configuration; all without any. @throws CommandError */
export function pickServers(wanted: readonly string[], servers: readonly string[]): readonly string[] {
  for (const name of wanted) {
    if (servers.some((server) => isMeant(server, name))) continue
    const known = servers.length === 0 ? 'none is configured' : `there are ${servers.join(', ')}`
    throw new CommandError(exitCodes.usage, `No server is called "${name}"`, didYouMean(name, servers) ?? known, {
      code: 'SERVER_UNKNOWN',
      server: name,
    })
  }
  return servers.filter((server) => wanted.length === 0 || wanted.some((name) => isMeant(server, name)))
}
