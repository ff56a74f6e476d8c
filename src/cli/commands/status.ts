import type { Explanation } from '../../index.js'
import type { ControlClient } from '../control/client.js'
import { requireInstance } from '../control/find.js'
import type { ServerView } from '../control/protocol.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { explanationLines } from '../explanation-lines.js'
import { createLiveBlock } from '../live/live-block.js'
import { type ConfigOptions, type OutputOptions, wantsJson } from '../options.js'
import { pickServers } from '../pick-servers.js'
import { plainText } from '../plain-text.js'
import { statusTable } from '../status-table.js'
import type { Terminal } from '../terminal.js'

export interface StatusOptions extends ConfigOptions, OutputOptions {
  readonly watch?: boolean
  readonly exitCode?: boolean
  /** Names alone, for other programs. */
  readonly names?: boolean
}

/** `mcpvisor status [server…]`: how the servers of the running instance are; of a single one, why. */
export async function status(names: readonly string[], options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  const client = await requireInstance(options, terminal)
  try {
    const all = await client.request('status', {})
    const picked = pickServers(
      names,
      all.map(({ name }) => name),
    )
    if (options.watch) return await watch(client, names.length === 0 ? undefined : picked, options, terminal)
    const views = all.filter(({ name }) => picked.includes(name))
    if (options.names) for (const { name } of views) terminal.out.line(plainText(name))
    else await print(client, views, names.length === 1 && views.length === 1, options, terminal)
    return options.exitCode ? exitCodeOfViews(views) : exitCodes.ok
  } finally {
    client.close()
  }
}

async function print(
  client: ControlClient,
  views: readonly ServerView[],
  isOne: boolean,
  options: StatusOptions,
  { out, err, env }: Terminal,
): Promise<void> {
  const [view] = views
  const explanation =
    isOne && view ? ((await client.request('explain', { server: view.name })) as unknown as Explanation) : undefined
  if (wantsJson(options, env)) {
    const { control: _, ...instance } = client.greeting
    out.line(JSON.stringify({ instance, servers: views, ...(explanation && { explanation }) }, null, 2))
    return
  }
  if (views.length === 0) err.line('No server is configured')
  else for (const line of statusTable(views, out)) out.line(line)
  if (explanation) for (const line of explanationLines(explanation, out.colors)) out.line(line)
}

/** Follows the servers until the instance ends or the reader goes. */
async function watch(
  client: ControlClient,
  servers: readonly string[] | undefined,
  options: StatusOptions,
  { out, err, env, gone }: Terminal,
): Promise<ExitCode> {
  const show = wantsJson(options, env)
    ? (views: readonly ServerView[]) => out.line(JSON.stringify({ at: Date.now(), servers: views }))
    : out.isLive
      ? tableOn(out)
      : changesOn(out)
  try {
    await client.request('watch', servers ? { servers: [...servers] } : {}, { onItem: show, signal: gone })
    err.line('The instance has ended')
  } catch (error) {
    if (!gone.aborted) throw error
  }
  return exitCodes.ok
}

function tableOn(out: Terminal['out']): (views: readonly ServerView[]) => void {
  const block = createLiveBlock(out)
  let shown: readonly ServerView[] = []
  const draw = (): void => block.draw(statusTable(shown, out))
  // Times pass without a change.
  setInterval(draw, 1_000).unref()
  return (views) => {
    shown = views
    draw()
  }
}

/** A line for each server whose state is another than before: for pipes. */
function changesOn(out: Terminal['out']): (views: readonly ServerView[]) => void {
  const states = new Map<string, string>()
  return (views) => {
    for (const { name, state, pid, error } of views) {
      const text = [name, state, pid, error].filter((part) => part !== undefined && part !== '').join('  ')
      if (states.get(name) !== text) out.line(plainText(text))
      states.set(name, text)
    }
  }
}

/** A server that rests or is switched off is as it should be. */
function exitCodeOfViews(views: readonly ServerView[]): ExitCode {
  const bad = views.filter(
    ({ state, error }) => !['ready', 'idle'].includes(state) && !(state === 'closed' && error === ''),
  )
  if (bad.length === 0) return exitCodes.ok
  return bad.every(({ lastError }) => lastError?.code.startsWith('AUTH_'))
    ? exitCodes.authRequired
    : exitCodes.unavailable
}
