import { access } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { CommandError, type CommandFailure, failureOf } from '../command-error.js'
import { selectNames } from '../configuration.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { type ForeignFile, findFiles, namedFile } from '../import/find-files.js'
import { type ForeignServer, type ForeignServers, readForeignServers } from '../import/foreign-servers.js'
import { listFiles } from '../import/list-files.js'
import { planImport } from '../import/plan.js'
import { readTarget } from '../import/read-target.js'
import { reportJson, reportText } from '../import/report.js'
import { changedText, writeTarget } from '../import/write-target.js'
import { type ConfigOptions, type OutputOptions, wantsJson } from '../options.js'
import { tellFailures } from '../tell-failure.js'
import type { Terminal } from '../terminal.js'

export interface ImportOptions extends Pick<ConfigOptions, 'only' | 'except'>, OutputOptions {
  readonly list?: boolean
  /** Clients by name. */
  readonly from?: readonly string[]
  readonly to?: string
  readonly force?: boolean
  readonly dryRun?: boolean
}

/** `mcpvisor import [file…]`: writes the servers of other clients into a file of ours. All of them, or none. */
export async function importServers(
  paths: readonly string[],
  options: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { from = [], list = paths.length === 0 && from.length === 0, dryRun = false } = options
  const { cwd, out, err, env } = terminal
  const isJson = wantsJson(options, env)
  const files = paths.length > 0 ? paths.map((path) => namedFile(path, from, cwd)) : await findFiles(from, terminal)
  if (list) return listFiles(files, isJson, terminal)
  if (files.length === 0) {
    throw new CommandError(exitCodes.configInvalid, `No file of ${from.join(', ')} was found`, 'name the file itself')
  }
  const target = await readTarget(resolve(cwd, options.to ?? (await ownFile(cwd))))
  const { servers, leftOut, failures } = await readAll(files, options, cwd, dirname(target.path))
  if (servers.length === 0 && failures.length === 0) {
    throw new CommandError(exitCodes.configInvalid, `No server is in ${files.map(({ path }) => path).join(', ')}`)
  }
  const { changes, clashes } = planImport(servers, target, options.force ?? false)
  if (clashes.length > 0) {
    const hint = 'take the new definition with --force, or leave it out with --except'
    throw new CommandError(exitCodes.usage, `Nothing was written: ${clashes.join('; ')}`, hint, { code: 'CONFLICT' })
  }
  const isWritten = !dryRun && changes.some(({ is }) => is !== 'unchanged')
  const text = changedText(target, changes)
  if (isWritten && (await writeTarget(target, text, changes))) err.line(`Only you may read ${target.path} from now on`)
  const imported = { target: target.path, isWritten, changes, leftOut }
  if (isJson) out.line(reportJson(imported))
  else reportText(imported, out, err)
  return tellFailures(failures, isJson, err)
}

interface Everything extends ForeignServers {
  readonly failures: readonly CommandFailure[]
}

/** A file that cannot be read, and a server that cannot be taken over, keep no other from it. */
async function readAll(
  files: readonly ForeignFile[],
  selection: ImportOptions,
  cwd: string,
  folder: string,
): Promise<Everything> {
  const outcomes = await Promise.allSettled(files.map((file) => readForeignServers(file, cwd, folder)))
  const unread = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [failureOf(outcome.reason)] : []))
  const read = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const all = read.flatMap(({ servers }) => servers)
  const names = selectNames([...new Set(all.map(({ name }) => name))], selection)
  const servers = all.filter(({ name }) => names.includes(name))
  return {
    servers,
    leftOut: [...read.flatMap(({ leftOut }) => leftOut), ...servers.flatMap(({ leftOut }) => leftOut)],
    failures: [...unread, ...servers.flatMap(problemOf)],
  }
}

function problemOf({ name, problem, file: { path } }: ForeignServer): CommandFailure[] {
  if (problem === undefined) return []
  const message = `Not imported from ${path}: ${problem}`
  return [{ exitCode: exitCodes.configInvalid, code: 'CONFIG_INVALID', message, server: name }]
}

/** Found before every other file of the folder. */
async function ownFile(cwd: string): Promise<string> {
  const withComments = 'mcpvisor.jsonc'
  const isThere = (name: string) =>
    access(resolve(cwd, name)).then(
      () => true,
      () => false,
    )
  return !(await isThere('mcpvisor.json')) && (await isThere(withComments)) ? withComments : 'mcpvisor.json'
}
