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
function valueOf(option: string, short?: string): string | undefined {
  const at = args.findIndex((word) => word === option || word === short)
  return at >= 0 ? args[at + 1] : args.find((word) => word.startsWith(`${option}=`))?.slice(option.length + 1)
}

/** Of a program whose stderr is records, the last is one too. */
function writesRecords(): boolean {
  const format = valueOf('--log-format') ?? process.env['MCPVISOR_LOG_FORMAT']
  return format === 'json' && ['run', 'serve'].includes(args.find((word) => !word.startsWith('-')) ?? '')
}

function wantsLine(): boolean {
  const output = valueOf('--output', '-o')
  const named = output === 'json' || output === 'text' ? output : undefined
  return writesRecords() || wantsJson({ json: args.includes('--json') || undefined, output: named }, process.env)
}

function report(error: unknown): ExitCode {
  const failure = failureOf(error)
  const { err } = createTerminal({ isColorless: args.includes('--no-color') })
  tellFailure(failure, wantsLine(), err)
  return failure.exitCode
}
