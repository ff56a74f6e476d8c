import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

import { CommandError } from '../command-error.js'
import { discover } from '../discover.js'
import { exitCodes } from '../exit-codes.js'
import type { ConfigOptions } from '../options.js'
import type { Terminal } from '../terminal.js'
import { controlAddress, controlFolder, requireOwnFolder } from './address.js'
import { type Contact, type ControlClient, contact, requireSameVersion } from './client.js'

type Place = Pick<Terminal, 'cwd' | 'env'>

/**
 * Connects to the instance that runs the configuration which the options name, or which is found; undefined when there is
 * none. @throws CommandError when it does not answer or speaks another version
 */
export async function findInstance({ config }: ConfigOptions, terminal: Place): Promise<ControlClient | undefined> {
  const { located } = await discover(config, terminal)
  if (located.length === 0 || !requireOwnFolder(terminal.env)) return undefined
  const address = controlAddress(
    located.map(({ path }) => path),
    terminal.env,
  )
  const own = { address, contact: await contact(address) }
  const found = own.contact.is === 'absent' ? await firstOfMany(address, terminal.env) : own
  if (!found) return undefined
  if (found.contact.is === 'alive') return sameVersion(found.contact.client)
  const hint = 'its process may be stopped or busy: see "mcpvisor doctor"'
  throw new CommandError(exitCodes.unavailable, `The instance at ${found.address} does not answer`, hint)
}

/** Of those that clients have started over the same files, the one that has run longest; one that is silent only alone. */
async function firstOfMany(address: string, env: Place['env']): Promise<FoundInstance | undefined> {
  const there = (await listInstances(env, basename(address, 'sock'))).filter(({ contact: of }) => of.is !== 'absent')
  const [first, ...others] = there.toSorted((a, b) => startOf(a) - startOf(b))
  for (const { contact: of } of others) if (of.is === 'alive') of.client.close()
  return first
}

const startOf = ({ contact: of }: FoundInstance): number =>
  of.is === 'alive' ? of.client.greeting.startedAt : Number.MAX_VALUE

/**
 * As `findInstance`; without any configuration at hand, the only instance that runs.
 * @throws CommandError when there is none, naming those that run something else
 */
export async function requireInstance(options: ConfigOptions, terminal: Terminal): Promise<ControlClient> {
  const found = await findInstance(options, terminal)
  if (found) return found
  const { located } = await discover(options.config, terminal)
  const others = await listInstances(terminal.env)
  const [only, ...more] = others.flatMap(({ contact: found }) => (found.is === 'alive' ? [found.client] : []))
  if (located.length === 0 && only && more.length === 0) {
    terminal.err.line(`Using the only instance, which runs ${only.greeting.paths.join(', ')}`)
    return sameVersion(only)
  }
  for (const client of [only, ...more]) client?.close()
  const what = located.length === 0 ? 'a configuration here' : located.map(({ path }) => path).join(', ')
  throw new CommandError(exitCodes.noInstance, `No instance runs ${what}`, hintOf([only, ...more]))
}

function hintOf(others: readonly (ControlClient | undefined)[]): string {
  const paths = new Set(others.flatMap((client) => client?.greeting.paths.join(' -c ') ?? []))
  if (paths.size === 0) return 'start one with "mcpvisor run"'
  return `others run ${[...paths].join(' and ')}: name one with -c, or start one with "mcpvisor run"`
}

/** A socket of the user, and who is there. Whoever asks closes the clients. */
export interface FoundInstance {
  readonly address: string
  readonly contact: Contact
}

/** What in the folder of the sockets begins so. @throws CommandError when others may enter the folder */
export async function listInstances(env: Place['env'], beginning = ''): Promise<readonly FoundInstance[]> {
  // Named pipes cannot be listed without more than Node has.
  if (process.platform === 'win32' || !requireOwnFolder(env)) return []
  const folder = controlFolder(env)
  const names = readdirSync(folder).filter((name) => name.startsWith(beginning) && name.endsWith('.sock'))
  return Promise.all(
    names.map(async (name) => ({ address: join(folder, name), contact: await contact(join(folder, name)) })),
  )
}

function sameVersion(client: ControlClient): ControlClient {
  try {
    requireSameVersion(client.greeting)
    return client
  } catch (error) {
    client.close()
    throw error
  }
}
