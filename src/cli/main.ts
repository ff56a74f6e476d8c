#!/usr/bin/env node
/** The command line. The one place that ends the process. */
import { CommanderError } from 'commander'

import { CommandError, failureOf } from './command-error.js'
import { type ExitCode, exitCodes } from './exit-codes.js'
import { wantsJson } from './options.js'
import { createProgram } from './program.js'
import { tellFailure } from './tell-failure.js'
import { createTerminal } from './terminal.js'

const args = process.argv.slice(2)
const exitCode = await execute()
await Promise.all([process.stdout, process.stderr].map(flushed))
process.exit(exitCode)

async function execute(): Promise<ExitCode> {
  let ended: ExitCode = exitCodes.ok
  try {
    await createProgram((code) => (ended = code)).parseAsync(args, { from: 'user' })
    return ended
  } catch (error) {
    // Help and version that were asked for.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
    return report(error instanceof CommanderError ? usageError(error) : error)
  }
}

/** Resolves when everything is written, or nobody reads it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

/** Without a command, the help has been written already. What the parser suggests becomes a hint as ours are. */
function usageError({ code, message }: CommanderError): CommandError {
  if (code === 'commander.help') return new CommandError(exitCodes.usage, 'A command is missing')
  const [said = '', suggestion] = message.replace(/^error: /, '').split(/\n\((?=Did you mean)/)
  return new CommandError(exitCodes.usage, said, suggestion?.replace(/^D/, 'd').replace(/\)$/, ''))
}

/** As the parser would read it, which may be what has failed. */
function outputOf(words: readonly string[]): 'text' | 'json' | undefined {
  const at = words.findIndex((word) => word === '-o' || word === '--output')
  const format = at >= 0 ? words[at + 1] : words.find((word) => word.startsWith('--output='))?.slice(9)
  return format === 'json' || format === 'text' ? format : undefined
}

function report(error: unknown): ExitCode {
  const failure = failureOf(error)
  const { err } = createTerminal({ isColorless: args.includes('--no-color') })
  const isJson = wantsJson({ json: args.includes('--json') || undefined, output: outputOf(args) }, process.env)
  tellFailure(failure, isJson, err)
  return failure.exitCode
}
