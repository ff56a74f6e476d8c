import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

import { CommandError } from './command-error.js'
import { exitCodes } from './exit-codes.js'
import type { Terminal } from './terminal.js'

/** A place where a configuration was looked for. */
export interface Step {
  readonly path: string
  readonly reason: string
  readonly isThere: boolean
}

export interface Located {
  readonly path: string
  /** The user named the file, which counts as consent to what it starts. */
  readonly isNamed: boolean
}

export interface Discovery {
  /** The files, in order: more than one only when they were named. Empty when there is none. */
  readonly located: readonly Located[]
  /** Every place that was looked at, in order. */
  readonly trace: readonly Step[]
}

const fileNames = ['mcpvisor.json', 'mcpvisor.jsonc', '.mcp.json', 'mcp.json']

/**
 * Finds the configuration: the named files, `MCPVISOR_CONFIG`, the nearest from the working directory up to the root of
 * the repository, the user's own. Of those that were not named the first that is there is the only one.
 */
export async function discover(
  named: readonly string[] = [],
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
): Promise<Discovery> {
  if (named.length > 0)
    return theNamed(
      named.map((path) => resolve(cwd, path)),
      'given as --config',
    )
  if (env['MCPVISOR_CONFIG']) return theNamed([resolve(cwd, env['MCPVISOR_CONFIG'])], 'MCPVISOR_CONFIG')
  const trace: Step[] = []
  for (const { path, reason } of await candidates(cwd, env)) {
    const isThere = await exists(path)
    trace.push({ path, reason, isThere })
    if (isThere) return { located: [{ path, isNamed: false }], trace }
  }
  return { located: [], trace }
}

/** The files that `discover` finds, which `say` is told unless they were named. @throws CommandError without one */
export async function locate(
  named: readonly string[] | undefined,
  terminal: Terminal,
  say: (text: string) => void = terminal.err.line,
): Promise<readonly Located[]> {
  const { located, trace } = await discover(named, terminal)
  const [first] = located
  if (!first) {
    const hint = 'name one with --config, or see where it is looked for with "mcpvisor config path"'
    throw new CommandError(exitCodes.configInvalid, 'No configuration file was found', hint)
  }
  if (!first.isNamed) say(`Using ${first.path} (${trace.at(-1)?.reason})`)
  return located
}

async function theNamed(paths: readonly string[], reason: string): Promise<Discovery> {
  const trace = await Promise.all(paths.map(async (path) => ({ path, reason, isThere: await exists(path) })))
  return { located: paths.map((path) => ({ path, isNamed: true })), trace }
}

async function candidates(cwd: string, env: Terminal['env']): Promise<Pick<Step, 'path' | 'reason'>[]> {
  const folders = await foldersOfRepository(cwd)
  const near = folders.flatMap((folder) =>
    fileNames.map((name) => ({
      path: join(folder, name),
      reason: folder === cwd ? 'found in the working directory' : 'found above the working directory',
    })),
  )
  const own = join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'mcpvisor', 'mcp.json')
  return [...near, { path: own, reason: "the user's own" }]
}

/** From the working directory up to the root of the repository; outside of one, the working directory alone. */
export async function foldersOfRepository(cwd: string): Promise<string[]> {
  const folders: string[] = []
  for (let folder = cwd; ; folder = dirname(folder)) {
    folders.push(folder)
    if (await exists(join(folder, '.git'))) return folders
    // Above all repositories is what others may write to.
    if (dirname(folder) === folder) return [cwd]
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
