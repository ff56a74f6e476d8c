import type { HeldDefinition } from '../../index.js'
import { isAgreed } from '../agreement.js'
import { createInterrupts } from '../call/interrupts.js'
import { type Reach, openReach } from '../call/reach.js'
import { CommandError, type CommandFailure, failureOf } from '../command-error.js'
import { counted } from '../counted.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { type ConfigOptions, type OutputOptions, type TokenStoreOptions, wantsJson } from '../options.js'
import { pickServers } from '../pick-servers.js'
import { plainText } from '../plain-text.js'
import { tellFailures } from '../tell-failure.js'
import type { Output, Terminal } from '../terminal.js'

export interface ApproveOptions extends ConfigOptions, OutputOptions, TokenStoreOptions {
  /** Approve without a question. */
  readonly yes?: boolean
  readonly timeout?: number
}

interface HeldOf {
  readonly server: string
  readonly tools: readonly HeldDefinition[]
  /** Why it could not be asked. */
  readonly failure?: CommandFailure
}

/**
 * `mcpvisor approve [server…]`: shows what is held, asks, and approves exactly what was shown. In the running instance, and
 * in any case for all that come later.
 */
export async function approve(
  names: readonly string[],
  options: ApproveOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { out, err, env, gone } = terminal
  const interrupts = createInterrupts(gone)
  const reach = await openReach(options, terminal)
  try {
    const { signal } = interrupts
    const servers = pickServers(names, reach.servers)
    const held = await Promise.all(servers.map((server) => ask(reach, server, options.timeout, signal)))
    const exitCode = interrupts.exitCode()
    if (exitCode !== undefined) throw new CommandError(exitCode, 'Interrupted')
    const isJson = wantsJson(options, env)
    const count = held.reduce((sum, { tools }) => sum + tools.length, 0)
    if (!isJson) for (const of of held) show(of, out)
    const isApproved = count > 0 && (await isWanted(count, { isJson, ...options }, terminal))
    if (isApproved) for (const { server, tools } of held) if (tools.length > 0) await reach.approveTools(server, tools)
    // What is approved for the moment alone is not approved.
    const unstored = isApproved ? await reach.close() : []
    const isKept = unstored.length === 0
    if (isJson) out.line(JSON.stringify({ servers: held.flatMap(asJson), approved: isApproved && isKept }, null, 2))
    else if (isKept) err.line(count === 0 ? 'No tool is held' : `Approved ${counted(count, 'tool')}`)
    const failures = held.flatMap(({ failure }) => failure ?? [])
    return tellFailures([...unstored.map(asFailure), ...failures], isJson, err)
  } finally {
    await reach.close()
    interrupts.dispose()
  }
}

async function ask(reach: Reach, server: string, timeoutMs: number | undefined, signal: AbortSignal): Promise<HeldOf> {
  try {
    return { server, tools: await reach.heldTools(server, { timeoutMs, signal }) }
  } catch (error) {
    return { server, tools: [], failure: failureOf(error) }
  }
}

/** As JSON, what is held is told and nothing asked. @throws CommandError when nobody can be asked, or the answer is no */
async function isWanted(
  count: number,
  { yes = false, isJson }: ApproveOptions & { readonly isJson: boolean },
  { isInteractive }: Terminal,
): Promise<boolean> {
  if (yes || isJson) return yes
  const what = counted(count, 'tool')
  if (!isInteractive)
    throw new CommandError(
      exitCodes.usage,
      `Nobody can be asked whether ${what} may be used`,
      'look at them, then use --yes',
    )
  if (await isAgreed(`Approve ${what}? [y/N] `)) return true
  throw new CommandError(exitCodes.usage, 'Nothing was approved')
}

const asFailure = (message: string): CommandFailure => failureOf(new CommandError(exitCodes.unexpected, message))

/** Why a server could not be asked is said on stderr. */
const asJson = ({ server, tools, failure }: HeldOf) => (failure ? [] : { name: server, held: tools })

function show({ server, tools }: HeldOf, { line, colors }: Output): void {
  for (const { name, reason, digest, pinned, definition } of tools) {
    const before = pinned === undefined || pinned === digest ? '' : `, approved is ${pinned.slice(0, 12)}`
    line(`${colors.bold(plainText(`${server}.${name}`))} ${reason} (${digest.slice(0, 12)}${before})`)
    for (const text of JSON.stringify(definition, null, 2).split('\n')) line(`  ${plainText(text)}`)
  }
}
