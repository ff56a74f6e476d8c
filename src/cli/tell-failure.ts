import type { CommandFailure } from './command-error.js'
import { type ExitCode, exitCodes } from './exit-codes.js'
import { plainText } from './plain-text.js'
import type { Output } from './terminal.js'

/** Says on stderr what failed: a line of JSON for scripts, else the message and what to do. */
export function tellFailure(failure: CommandFailure, isJson: boolean, { colors, line }: Output): void {
  if (isJson) return line(JSON.stringify({ error: { ...failure, exitCode: undefined } }))
  line(`${colors.bold(colors.red('error:'))} ${failure.message.split('\n').map(plainText).join('\n')}`)
  if (failure.hint !== undefined) line(`${colors.bold('hint:')} ${plainText(failure.hint)}`)
}

/** The same of several, one after the other. Returns what to exit with: the code of the first. */
export function tellFailures(failures: readonly CommandFailure[], isJson: boolean, err: Output): ExitCode {
  for (const failure of failures) tellFailure(failure, isJson, err)
  return failures[0]?.exitCode ?? exitCodes.ok
}
