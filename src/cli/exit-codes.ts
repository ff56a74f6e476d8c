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

/** By code of a `SupervisorError`, and by the two codes of the control socket that stand for no failure of a server. */
const ofErrors: Readonly<Record<string, ExitCode | undefined>> = {
  CONFIG_INVALID: exitCodes.configInvalid,
  CONFIG_UNRESOLVED: exitCodes.configInvalid,
  SERVER_UNKNOWN: exitCodes.usage,
  AUTH_REQUIRED: exitCodes.authRequired,
  AUTH_FAILED: exitCodes.authRequired,
  TOOL_HELD: exitCodes.usage,
  MCP_ERROR: exitCodes.toolError,
  CONTROL_INVALID: exitCodes.unexpected,
  UNEXPECTED: exitCodes.unexpected,
}

/** A server that fails for any other reason is unavailable. */
export function exitCodeOf(code: string): ExitCode {
  return ofErrors[code] ?? exitCodes.unavailable
}
