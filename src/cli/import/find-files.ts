import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'

import { CommandError } from '../command-error.js'
import { foldersOfRepository } from '../discover.js'
import { exitCodes } from '../exit-codes.js'
import { isMeant } from '../globs.js'
import { didYouMean } from '../suggest.js'
import type { Terminal } from '../terminal.js'
import { type Client, clients, userFolders } from './clients.js'

/** A configuration of another program. */
export interface ForeignFile {
  readonly path: string
  readonly client: Client
}

/** Whatever its document says. */
const unknown: Client = { name: 'file', near: [], own: () => [] }

/** The files of clients that are there, those of the project before those of the user. @throws CommandError */
export async function findFiles(
  wanted: readonly string[],
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
): Promise<readonly ForeignFile[]> {
  const folders = await foldersOfRepository(cwd)
  const own = userFolders(env)
  const files = pickClients(wanted).flatMap((client) =>
    [...folders.flatMap((folder) => client.near.map((name) => join(folder, name))), ...client.own(own)].map((path) => ({
      path,
      client,
    })),
  )
  const areThere = await Promise.all(files.map(({ path }) => isFile(path)))
  // In the home of the user a place is near and own.
  const isFirst = ({ path }: ForeignFile, index: number) => files.findIndex((file) => file.path === path) === index
  return files.filter((file, index) => areThere[index] && isFirst(file, index))
}

/** The file that was named, of the client that was named or that its name tells. */
export function namedFile(path: string, from: readonly string[], cwd: string): ForeignFile {
  const whole = resolve(cwd, path)
  const [client] = from.length > 0 ? pickClients(from) : clients.filter((one) => isNameOf(one, whole))
  return { path: whole, client: client ?? unknown }
}

/** A name that a client alone gives, with its folder where it has one: `.vscode/mcp.json`. */
function isNameOf({ near, own }: Client, path: string): boolean {
  const tails = own({ home: '', apps: '', config: '' }).map((place) => place.split(/[\\/]/).filter(Boolean).slice(-2))
  const names = [...near, ...tails.map((tail) => tail.join('/')), ...tails.map((tail) => tail.at(-1) ?? '')]
  const plain = path.replaceAll('\\', '/')
  return names.some((name) => !isCommon(name) && plain.endsWith(`/${name}`))
}

const isCommon = (name: string): boolean =>
  ['mcp.json', 'settings.json', 'config.yaml', 'User/mcp.json', 'User/settings.json'].includes(name) ||
  basename(name) === ''

function pickClients(wanted: readonly string[]): readonly Client[] {
  const names = clients.map(({ name }) => name)
  for (const one of wanted) {
    if (names.some((name) => isMeant(name, one))) continue
    const hint = didYouMean(one, names) ?? `there are ${names.join(', ')}`
    throw new CommandError(exitCodes.usage, `No client is called "${one}"`, hint)
  }
  return clients.filter(({ name }) => wanted.length === 0 || wanted.some((one) => isMeant(name, one)))
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )
}
