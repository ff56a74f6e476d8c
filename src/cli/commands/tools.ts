import type { Tool } from '../../index.js'
import { createInterrupts } from '../call/interrupts.js'
import { type Reach, openReach } from '../call/reach.js'
import { CommandError, type CommandFailure, failureOf } from '../command-error.js'
import { counted } from '../counted.js'
import type { ExitCode } from '../exit-codes.js'
import { type ConfigOptions, type OutputOptions, type TokenStoreOptions, wantsJson } from '../options.js'
import { pickServers } from '../pick-servers.js'
import { plainText } from '../plain-text.js'
import { tableLines } from '../table.js'
import { tellFailures } from '../tell-failure.js'
import type { Output, Terminal } from '../terminal.js'

export interface ToolsOptions extends ConfigOptions, OutputOptions, TokenStoreOptions {
  readonly schema?: boolean
  readonly timeout?: number
}

interface Listing {
  readonly server: string
  readonly tools: readonly Tool[]
  /** How many wait for approval. */
  readonly held: number
  readonly failure?: CommandFailure
}

/** `mcpvisor tools [server…]`: of the running instance; without one, of servers that are started for the moment. */
export async function tools(names: readonly string[], options: ToolsOptions, terminal: Terminal): Promise<ExitCode> {
  const { out, err, env, gone } = terminal
  const interrupts = createInterrupts(gone)
  const reach = await openReach(options, terminal)
  try {
    const servers = pickServers(names, reach.servers)
    const { signal } = interrupts
    const listings = await Promise.all(servers.map((server) => list(reach, server, options.timeout, signal)))
    const exitCode = interrupts.exitCode()
    if (exitCode !== undefined) throw new CommandError(exitCode, 'Interrupted')
    const isJson = wantsJson(options, env)
    if (isJson) out.line(asJson(listings))
    else if (options.schema) printSchemas(listings, out)
    else for (const line of toolTable(listings, out)) out.line(line)
    const failures = listings.flatMap(({ failure }) => failure ?? [])
    if (!isJson) for (const listing of listings) tellHeld(listing, err)
    return tellFailures(failures, isJson, err)
  } finally {
    await reach.close()
    interrupts.dispose()
  }
}

async function list(
  reach: Reach,
  server: string,
  timeoutMs: number | undefined,
  signal: AbortSignal,
): Promise<Listing> {
  try {
    const listed = await reach.listTools(server, { timeoutMs, signal })
    return { server, tools: listed, held: await reach.countHeld(server) }
  } catch (error) {
    return { server, tools: [], held: 0, failure: failureOf(error) }
  }
}

/** The servers that answered; why the others did not is said on stderr. */
function asJson(listings: readonly Listing[]): string {
  const servers = listings.flatMap(({ server, tools: of, held, failure }) =>
    failure ? [] : { name: server, tools: of, ...(held > 0 && { held }) },
  )
  return JSON.stringify({ servers }, null, 2)
}

function toolTable(listings: readonly Listing[], out: Output): string[] {
  const rows = listings.flatMap(({ server, tools: of }) => of.map((tool) => ({ server, tool })))
  if (rows.length === 0) return []
  return tableLines(
    [
      { title: 'TOOL', cell: ({ server, tool }) => plainText(`${server}.${tool.name}`) },
      { title: 'DESCRIPTION', cell: ({ tool }) => plainText(firstLine(tool)), spare: 1 },
    ],
    rows,
    out,
  )
}

function tellHeld({ server, held }: Listing, { line }: Output): void {
  if (held === 0) return
  const what = `${counted(held, 'tool')} of ${plainText(server)}`
  line(`${what} ${held === 1 ? 'is' : 'are'} held: look with "mcpvisor approve ${plainText(server)}"`)
}

function firstLine({ title, description }: Tool): string {
  return (description ?? title ?? '').trim().split('\n')[0] ?? ''
}

function printSchemas(listings: readonly Listing[], { line, colors }: Output): void {
  for (const { server, tools: of } of listings) {
    for (const { name, description, inputSchema } of of) {
      line(colors.bold(plainText(`${server}.${name}`)))
      if (description !== undefined) line(colors.dim(description.trim().split('\n').map(plainText).join('\n')))
      line(JSON.stringify(inputSchema, null, 2))
      line('')
    }
  }
}
