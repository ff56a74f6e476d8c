import type { SupervisorError } from '../index.js'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.js'

export interface FailureSubject {
  /** For scripts. Default: what the exit code is called. */
  readonly code?: string | undefined
  readonly server?: string | undefined
}

/** Ends a command with a message instead of a result. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  declare readonly exitCode: ExitCode
  declare readonly hint?: string
  declare readonly code?: string
  declare readonly server?: string

  constructor(exitCode: ExitCode, message: string, hint?: string, { code, server }: FailureSubject = {}) {
    super(message)
    Object.assign(
      this,
      { exitCode },
      hint !== undefined && { hint },
      code !== undefined && { code },
      server !== undefined && { server },
    )
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
  [exitCodes.authRequired]: 'AUTH_REQUIRED',
  [exitCodes.unavailable]: 'UNAVAILABLE',
  [exitCodes.toolError]: 'TOOL_ERROR',
  [exitCodes.configInvalid]: 'CONFIG_INVALID',
  [exitCodes.noInstance]: 'NO_INSTANCE',
  [exitCodes.interrupted]: 'INTERRUPTED',
}

export function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandError) {
    const { exitCode, message, hint, code = codeNames[exitCode] ?? 'FAILED', server } = error
    return { exitCode, code, message, ...(server !== undefined && { server }), ...(hint !== undefined && { hint }) }
  }
  if (isSupervisorError(error)) {
    const { code, message, server } = error
    return { exitCode: exitCodeOf(code), code, message, ...(server !== undefined && { server }) }
  }
  // A bug of ours: the stack is what its report needs.
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { exitCode: exitCodes.unexpected, code: 'UNEXPECTED', message }
}

/** By its name, not by its class: most commands never load the library that has it. */
export function isSupervisorError(error: unknown): error is SupervisorError {
  return error instanceof Error && error.name === 'SupervisorError'
}
