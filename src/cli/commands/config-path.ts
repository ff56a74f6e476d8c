import { discover } from '../discover.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

export interface ConfigPathOptions {
  readonly config?: string
  readonly json?: boolean
}

/** `mcpvisor config path`: prints the file that would be used, and on stderr every place that was looked at. */
export async function configPath(
  { config, json }: ConfigPathOptions,
  { cwd, env, out, err, ...rest }: Terminal,
): Promise<ExitCode> {
  const { trace } = await discover(config, { cwd, env, out, err, ...rest })
  const used = trace.findLast(({ isThere }) => isThere)?.path
  if (json)
    out.line(
      JSON.stringify(
        { path: used ?? null, trace: trace.map(({ isThere, ...step }) => ({ ...step, exists: isThere })) },
        null,
        2,
      ),
    )
  else {
    for (const { path, reason, isThere } of trace) {
      err.line(
        `  ${isThere ? err.colors.green('yes') : err.colors.dim('no ')}  ${path}${isThere ? ` (${reason})` : ''}`,
      )
    }
    if (used !== undefined) out.line(used)
    else err.line('No configuration file was found')
  }
  return used === undefined ? exitCodes.configInvalid : exitCodes.ok
}
