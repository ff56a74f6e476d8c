import { configJsonSchema } from '../../config/index.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

/** `mcpvisor config schema`: prints the JSON Schema of a configuration file, for editors. */
export function configSchema({ out }: Terminal): ExitCode {
  out.line(JSON.stringify(configJsonSchema(), null, 2))
  return exitCodes.ok
}
