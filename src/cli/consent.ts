import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { LoadedConfig, ServerEntry } from '../config/index.js'
import { isAgreed } from './agreement.js'
import { CommandError } from './command-error.js'
import { counted } from './counted.js'
import type { Located } from './discover.js'
import { exitCodes } from './exit-codes.js'
import { plainText } from './plain-text.js'
import { replaceFile } from './replace-file.js'
import { stateFolder } from './state-folder.js'
import type { Terminal } from './terminal.js'

export interface ConsentOptions {
  /** `--trust` */
  readonly isTrusted: boolean
}

/**
 * Makes sure that the user agrees to start what the file says. A file that the user named needs no question; of one that
 * was found, each entry is asked once, and again when it changes.
 * @throws CommandError when nobody can be asked, or the answer is no
 */
export async function requireConsent(
  located: Located,
  loaded: LoadedConfig,
  terminal: Terminal,
  options: ConsentOptions,
) {
  const news = await unconsented(located, loaded, terminal, options)
  if (news.length === 0) return
  const what = `${counted(news.length, 'server')} of ${plainText(located.path)}`
  if (!terminal.isInteractive) {
    const names = news.map(({ name }) => plainText(name)).join(', ')
    const message = `Nobody has agreed yet to start ${what}: ${names}`
    throw new CommandError(exitCodes.usage, message, 'name the file with --config, or use --trust')
  }
  terminal.err.line(`This file was found, not named. It would start or contact:`)
  for (const { name, entry } of news) terminal.err.line(`  ${plainText(name)}: ${plainText(reach(entry))}`)
  if (!(await isAgreed(`Start ${what}? [y/N] `))) throw new CommandError(exitCodes.usage, 'Nothing was started')
  await remember(
    terminal,
    news.map(({ id }) => id),
  )
}

interface Unconsented {
  readonly name: string
  readonly entry: ServerEntry
  readonly id: string
}

/** The entries that the user has not agreed to. */
export async function unconsented(
  { path, isNamed }: Located,
  { servers }: LoadedConfig,
  terminal: Terminal,
  { isTrusted }: ConsentOptions,
): Promise<readonly Unconsented[]> {
  if (isNamed || isTrusted) return []
  const known = new Set(await remembered(terminal))
  return [...servers]
    .flatMap(([name, { entry }]) =>
      entry && !entry.disabled ? [{ name, entry, id: identify(path, name, entry) }] : [],
    )
    .filter(({ id }) => !known.has(id))
}

/** What an entry starts, as it is written: a changed description or time limit is no reason to ask again. */
function identify(path: string, name: string, { endpoint, envFile, variables, oauth }: ServerEntry): string {
  return createHash('sha256')
    .update(JSON.stringify([path, name, endpoint, envFile, variables, oauth]))
    .digest('hex')
}

/** What is started or contacted, as it is written, and what it is given, by name: `NODE_OPTIONS` says much already. */
function reach({ endpoint, envFile }: ServerEntry): string {
  const isProcess = endpoint.transport === 'stdio'
  const target = isProcess ? [endpoint.command, ...endpoint.args].join(' ') : endpoint.url
  const names = Object.keys(isProcess ? endpoint.env : endpoint.headers)
  const given = [...names, ...(envFile === undefined ? [] : [envFile])]
  return given.length === 0 ? target : `${target} (given ${given.join(', ')})`
}

const storeOf = (terminal: Terminal): string => join(stateFolder(terminal), 'consent.json')

async function remembered(terminal: Terminal): Promise<readonly string[]> {
  try {
    const stored: unknown = JSON.parse(await readFile(storeOf(terminal), 'utf8'))
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : []
  } catch {
    // Missing or unreadable: nothing is remembered, so everything is asked.
    return []
  }
}

async function remember(terminal: Terminal, ids: readonly string[]): Promise<void> {
  const path = storeOf(terminal)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const whole = [...new Set([...(await remembered(terminal)), ...ids])]
  await replaceFile(path, `${JSON.stringify(whole, null, 2)}\n`, 0o600)
}
