import { type Supervisor, createSupervisor } from '../../index.js'
import { readConfiguration } from '../configuration.js'
import { requireConsent } from '../consent.js'
import { locate } from '../discover.js'
import type { ConfigOptions, TokenStoreOptions } from '../options.js'
import type { Terminal } from '../terminal.js'
import { userTokenStore } from './user-token-store.js'

/**
 * Runs something with a supervisor that has one server of the configuration and no other, and closes it.
 * @throws CommandError when there is no such server, the configuration cannot be used or nobody has agreed to it
 */
export async function withOneServer<T>(
  server: string,
  { config: named, trust: isTrusted = false, ...options }: ConfigOptions & TokenStoreOptions,
  terminal: Terminal,
  run: (supervisor: Supervisor) => Promise<T>,
): Promise<T> {
  const files = await locate(named, terminal)
  const { config, configPath, sources } = await readConfiguration(files, { only: [server] })
  for (const source of sources) await requireConsent(source, source.loaded, terminal, { isTrusted })
  const { env } = terminal
  const tokenStore = await userTokenStore(options, terminal)
  const supervisor = createSupervisor(config, { configPath, env, tokenStore })
  try {
    return await run(supervisor)
  } finally {
    await supervisor.close()
  }
}
