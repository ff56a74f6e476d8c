import type { ExitCode } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

/** What the action of a verb needs of the program around it. */
export interface Shell {
  /** Is told the exit code of the verb that ran. */
  finish(code: ExitCode): void
  terminal(): Terminal
}
