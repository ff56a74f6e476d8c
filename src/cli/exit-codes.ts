import { type ErrorCode, SupervisorError } from '../index.js'

/** What the exit status of the command line means. A forced end is 128 + the number of the signal. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  authRequired: 3,
  unavailable: 4,
  toolError: 5,
  configInvalid: 6,
  noInstance: 7,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const ofErrors: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  CONFIG_INVALID: exitCodes.configInvalid,
  CONFIG_UNRESOLVED: exitCodes.configInvalid,
  SERVER_UNKNOWN: exitCodes.usage,
  AUTH_REQUIRED: exitCodes.authRequired,
  AUTH_FAILED: exitCodes.authRequired,
  MCP_ERROR: exitCodes.toolError,
}

/** A server that fails for any other reason is unavailable. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return ofErrors[code] ?? exitCodes.unavailable
}

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
