import { statSync } from 'node:fs'
import type { StdioEndpoint } from '../../config/entry.js'
import { codeOf, failure, type Failure } from '../../errors.js'

/** The system is short of something for now; the command itself may be fine. */
const shortages: ReadonlySet<string> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY'])

/**
 * Says why a process could not be started, naming the key of the entry that is to blame.
 *
 * The text of Node's error is left out: it may quote values of the environment, and names the command when `cwd` is missing.
 */
export function spawnFailure(server: string, { command, cwd }: StdioEndpoint, error: unknown): Failure {
  const code = codeOf(error) ?? 'no code'
  const subject = `Server "${server}"`
  const extra = { server, phase: 'spawn', retryable: shortages.has(code) } as const
  const because = (expectation: string): Failure =>
    failure('SPAWN_FAILED', `${subject}: ${expectation} (${code})`, extra)

  if (cwd !== undefined && !isDirectory(cwd)) return because(`"cwd" must be a directory, got ${JSON.stringify(cwd)}`)
  const got = JSON.stringify(command)
  if (code === 'ENOENT') return because(`"command" must be a program on the PATH or a path to one, got ${got}`)
  if (code === 'EACCES') return because(`"command" must be executable, got ${got}`)
  if (code === 'E2BIG') return because('"args" and "env" must fit the limit of the system')
  if (code === 'ERR_INVALID_ARG_VALUE')
    return because('"command", "args", "env" and "cwd" must not hold a NUL character')
  return because(`${got} could not be started`)
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // Whatever hides it from us hides it from the process.
    return false
  }
}
