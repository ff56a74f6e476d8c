import { resolve } from 'node:path'

import { type CheckedFile, checkFile, exitCodeOfFiles } from '../check/checked-file.js'
import { reportGithub } from '../check/report-github.js'
import { reportJson } from '../check/report-json.js'
import { reportText } from '../check/report-text.js'
import { isSupervisorError } from '../command-error.js'
import { readConfigSource } from '../config-source.js'
import { requireConsent } from '../consent.js'
import { type Located, locate } from '../discover.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import type { TokenStoreOptions } from '../options.js'
import type { Terminal } from '../terminal.js'

export interface CheckOptions extends TokenStoreOptions {
  readonly config?: readonly string[]
  readonly strict?: boolean
  readonly resolve?: boolean
  readonly connect?: boolean
  readonly timeout: number
  readonly trust?: boolean
  readonly output: 'text' | 'json' | 'github'
  readonly verbose?: boolean
}

/** `mcpvisor check [file…]`: judges each server of each file, and starts them when asked to. */
export async function check(files: readonly string[], options: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const named = files.map((file): Located => ({ path: resolve(terminal.cwd, file), isNamed: true }))
  const located = named.length > 0 ? named : await locate(options.config, terminal)
  const checked: CheckedFile[] = []
  for (const file of located) {
    const outcome = checkOne(file, options, terminal)
    checked.push(await (located.length > 1 ? outcome.catch(asUnreadable(file)) : outcome))
  }
  const exitCode = exitCodeOfFiles(checked, { isStrict: options.strict ?? false })
  report(checked, options, terminal, exitCode)
  return exitCode
}

async function checkOne(file: Located, options: CheckOptions, terminal: Terminal): Promise<CheckedFile> {
  const { connect, trust = false, timeout, resolve: isResolved = false, tokenStore } = options
  const source = await readConfigSource(file.path)
  if (connect) await requireConsent(file, source.loaded, terminal, { isTrusted: trust })
  return checkFile(source, { resolve: isResolved, tokenStore, ...(connect && { connectMs: timeout }) }, terminal)
}

/** A file among others that cannot be read says nothing about them. */
function asUnreadable({ path }: Located): (error: unknown) => CheckedFile {
  return (error) => {
    if (!isSupervisorError(error)) throw error
    const loaded = { verdict: 'invalid', document: [], servers: new Map(), gateway: {}, config: undefined } as const
    return { source: { path, loaded, lines: [] }, servers: [], unreadable: error.message }
  }
}

function report(
  files: readonly CheckedFile[],
  options: CheckOptions,
  { out, cwd }: Terminal,
  exitCode: ExitCode,
): void {
  if (options.output === 'json') return out.line(reportJson(files, exitCode === exitCodes.ok))
  const lines = files.map((file) =>
    options.output === 'github'
      ? reportGithub(file, cwd)
      : reportText(file, { cwd, colors: out.colors, isVerbose: options.verbose ?? false }),
  )
  const between = options.output === 'text' ? [''] : []
  for (const line of lines.flatMap((of, index) => (index === 0 ? of : [...between, ...of]))) out.line(line)
}
