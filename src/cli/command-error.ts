import { SupervisorError } from '../index.js'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.js'

/** Ends a command with a message instead of a result. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  declare readonly exitCode: ExitCode
  declare readonly hint?: string

  constructor(exitCode: ExitCode, message: string, hint?: string) {
    super(message)
    Object.assign(this, { exitCode }, hint !== undefined && { hint })
  }
}

/** A failure as scripts and people are told it. */
export interface CommandFailure {
  readonly exitCode: ExitCode
  readonly code: string
  readonly message: string
  readonly server?: string
  readonly hint?: string
}

const codeNames: Readonly<Partial<Record<ExitCode, string>>> = {
  [exitCodes.usage]: 'USAGE',
  [exitCodes.configInvalid]: 'CONFIG_INVALID',
}

export function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandError) {
    const { exitCode, message, hint } = error
    return { exitCode, code: codeNames[exitCode] ?? 'FAILED', message, ...(hint !== undefined && { hint }) }
  }
  if (error instanceof SupervisorError) {
    const { code, message, server } = error
    return { exitCode: exitCodeOf(code), code, message, ...(server !== undefined && { server }) }
  }
  // A bug of ours: the stack is what its report needs.
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { exitCode: exitCodes.unexpected, code: 'UNEXPECTED', message }
}
