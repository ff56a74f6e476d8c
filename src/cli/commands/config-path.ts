import { discover } from '../discover.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import type { ConfigOptions } from '../options.js'
import { tellFailure } from '../tell-failure.js'
import type { Terminal } from '../terminal.js'

export interface ConfigPathOptions extends ConfigOptions {
  readonly json?: boolean
}

/** `mcpvisor config path`: prints the files that would be used, and on stderr every place that was looked at. */
export async function configPath(
  { config, json }: ConfigPathOptions,
  { cwd, env, out, err }: Terminal,
): Promise<ExitCode> {
  const { trace } = await discover(config, { cwd, env })
  const used = trace.filter(({ isThere }) => isThere).map(({ path }) => path)
  const isWhole = used.length > 0 && (config === undefined || used.length === trace.length)
  if (json) {
    const steps = trace.map(({ isThere, ...step }) => ({ ...step, exists: isThere }))
    out.line(JSON.stringify({ path: used[0] ?? null, paths: used, trace: steps }, null, 2))
    const message = used.length === 0 ? 'No configuration file was found' : 'Not every file that was named was found'
    if (!isWhole) tellFailure({ exitCode: exitCodes.configInvalid, code: 'CONFIG_INVALID', message }, true, err)
  } else {
    for (const { path, reason, isThere } of trace) {
      err.line(
        `  ${isThere ? err.colors.green('yes') : err.colors.dim('no ')}  ${path}${isThere ? ` (${reason})` : ''}`,
      )
    }
    for (const path of used) out.line(path)
    if (used.length === 0) err.line('No configuration file was found')
  }
  return isWhole ? exitCodes.ok : exitCodes.configInvalid
}
