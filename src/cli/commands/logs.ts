import { counted } from '../counted.js'
import { requireInstance } from '../control/find.js'
import type { LogLine } from '../control/protocol.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { type ConfigOptions, type OutputOptions, wantsJson } from '../options.js'
import { pickServers } from '../pick-servers.js'
import { plainText } from '../plain-text.js'
import type { Terminal } from '../terminal.js'

export interface LogsOptions extends ConfigOptions, OutputOptions {
  readonly follow?: boolean
  readonly lines: number
  readonly timestamps?: boolean
}

/** `mcpvisor logs <server>`: what the server wrote to stderr, and with `-f` what it writes. */
export async function logs(name: string, options: LogsOptions, terminal: Terminal): Promise<ExitCode> {
  const { follow = false, lines, timestamps = false } = options
  const { out, err, env, gone } = terminal
  const client = await requireInstance(options, terminal)
  try {
    const views = await client.request('status', {})
    const [server = name, ...more] = pickServers(
      [name],
      views.map((view) => view.name),
    )
    if (more.length > 0) err.line(`Of ${plainText([server, ...more].join(', '))} the first is shown`)
    const isJson = wantsJson(options, env)
    const whole: LogLine[] = []
    const onMissed = (count: number): void =>
      err.line(`… ${counted(count, 'line')} missed: they came faster than they were read`)
    const show = ({ at, line }: LogLine): void => {
      const time = timestamps ? `${out.colors.dim(new Date(at).toISOString())} ` : ''
      if (!isJson) out.line(`${time}${plainText(line)}`)
      else if (follow) out.line(JSON.stringify({ server, at, line }))
      else whole.push({ at, line })
    }
    await client.request(
      'logs',
      { server, lines, follow },
      { onItem: (some) => some.forEach(show), onMissed, signal: gone },
    )
    if (isJson && !follow) out.line(JSON.stringify({ server, lines: whole }, null, 2))
    if (follow) err.line('The instance has ended')
    return exitCodes.ok
  } catch (error) {
    if (gone.aborted) return exitCodes.ok
    throw error
  } finally {
    client.close()
  }
}
