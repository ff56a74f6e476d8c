import type { ControlClient } from '../control/client.js'
import { requireInstance } from '../control/find.js'
import type { ExitCode } from '../exit-codes.js'
import { failureOf } from '../command-error.js'
import { type ConfigOptions, type OutputOptions, wantsJson } from '../options.js'
import { pickServers } from '../pick-servers.js'
import { statusTable } from '../status-table.js'
import { tellFailures } from '../tell-failure.js'
import type { Terminal } from '../terminal.js'

export interface ControlServersOptions extends ConfigOptions, OutputOptions {
  readonly wait?: boolean
  readonly timeout?: number
}

/** `mcpvisor start | stop | restart <server…>`: of the running instance. */
export async function controlServers(
  verb: 'start' | 'stop' | 'restart',
  names: readonly string[],
  options: ControlServersOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { out, err, env, gone } = terminal
  const client = await requireInstance(options, terminal)
  try {
    const all = (await client.request('status', {})).map(({ name }) => name)
    const servers = pickServers(names, all)
    const outcomes = await Promise.allSettled(servers.map((server) => ask(client, verb, server, options, gone)))
    const views = await client.request('status', { servers: [...servers] })
    if (wantsJson(options, env)) out.line(JSON.stringify({ servers: views }, null, 2))
    else for (const line of statusTable(views, out)) out.line(line)
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [failureOf(outcome.reason)] : []))
    return tellFailures(failures, wantsJson(options, env), err)
  } finally {
    client.close()
  }
}

async function ask(
  client: ControlClient,
  verb: 'start' | 'stop' | 'restart',
  server: string,
  { wait = false, timeout }: ControlServersOptions,
  signal: AbortSignal,
): Promise<void> {
  if (verb === 'stop') await client.request(verb, { server, wait }, { signal })
  else await client.request(verb, { server, wait, ...(timeout !== undefined && { timeoutMs: timeout }) }, { signal })
}
