import type { Delivered, SupervisorError } from '../index.js'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.js'

export interface FailureSubject {
  /** For scripts. Default: what the exit code is called. */
  readonly code?: string | undefined
  readonly server?: string | undefined
  /** Whether a tool may have run. */
  readonly delivered?: Delivered | undefined
}

/** Ends a command with a message instead of a result. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  declare readonly exitCode: ExitCode
  declare readonly hint?: string
  declare readonly code?: string
  declare readonly server?: string
  declare readonly delivered?: Delivered

  constructor(exitCode: ExitCode, message: string, hint?: string, { code, server, delivered }: FailureSubject = {}) {
    super(message)
    Object.assign(
      this,
      { exitCode },
      hint !== undefined && { hint },
      code !== undefined && { code },
      server !== undefined && { server },
      delivered !== undefined && { delivered },
    )
  }
}

/** A failure as scripts and people are told it. */
export interface CommandFailure {
  readonly exitCode: ExitCode
  readonly code: string
  readonly message: string
  readonly server?: string
  /** Not said when nothing has reached the server. */
  readonly delivered?: Delivered
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
    const { exitCode, message, hint, code = codeNames[exitCode] ?? 'FAILED', server, delivered } = error
    return { exitCode, code, message, ...aboutServer(server, delivered, hint) }
  }
  if (isSupervisorError(error)) {
    const { code, message, server, delivered } = error
    return { exitCode: exitCodeOf(code), code, message, ...aboutServer(server, delivered) }
  }
  // A bug of ours: the stack is what its report needs.
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { exitCode: exitCodes.unexpected, code: 'UNEXPECTED', message }
}

function aboutServer(server?: string, delivered: Delivered = 'no', hint?: string) {
  const doubt = delivered === 'maybe' ? 'the tool may have run: look before you call it again' : undefined
  const said = hint ?? doubt
  return {
    ...(server !== undefined && { server }),
    ...(delivered !== 'no' && { delivered }),
    ...(said !== undefined && { hint: said }),
  }
}

/** By its name, not by its class: most commands never load the library that has it. */
export function isSupervisorError(error: unknown): error is SupervisorError {
  return error instanceof Error && error.name === 'SupervisorError'
}
