import type { CallToolResult, Progress, Tool } from '../../index.js'
import { readArguments } from '../call/arguments.js'
import { createInterrupts } from '../call/interrupts.js'
import { type Reach, type ReachOptions, openReach, parseTarget } from '../call/reach.js'
import { CommandError } from '../command-error.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { type ConfigOptions, type OutputOptions, type TokenStoreOptions, wantsJson } from '../options.js'
import { plainText } from '../plain-text.js'
import { didYouMean } from '../suggest.js'
import type { Terminal } from '../terminal.js'

export interface CallToolOptions extends ConfigOptions, OutputOptions, TokenStoreOptions {
  /** All arguments as a JSON object, `@file`, or `-` for stdin. */
  readonly args?: string
  /** The text of the answer and nothing else, as it came. */
  readonly raw?: boolean
  readonly timeout?: number
}

/** `mcpvisor call <server>.<tool> [argument…]`: one call, in the running instance or a process of its own. */
export async function call(
  target: string,
  words: readonly string[],
  options: CallToolOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const interrupts = createInterrupts(terminal.gone)
  const { signal } = interrupts
  const reach = await openReach(options, terminal)
  try {
    const { server, tool: name } = parseTarget(target, reach.servers)
    const terms = { signal, timeoutMs: options.timeout }
    const tool = await findTool(reach, server, name, terms)
    const args = await readArguments(words, options.args, tool.inputSchema)
    const onProgress = (progress: Progress): void => terminal.err.line(progressLine(progress))
    const result = await reach.callTool(server, name, args, { ...terms, onProgress })
    print(result, options, terminal)
    return result.isError ? exitCodes.toolError : exitCodes.ok
  } catch (error) {
    const exitCode = interrupts.exitCode()
    if (exitCode === undefined) throw error
    throw new CommandError(exitCode, 'The call was cancelled', undefined, { code: 'CALL_ABORTED' })
  } finally {
    await reach.close()
    interrupts.dispose()
  }
}

/** What is remembered may be from before the tool was there: a server is asked before it is said to have none. */
async function findTool(reach: Reach, server: string, name: string, terms: ReachOptions): Promise<Tool> {
  const isIt = (one: { readonly name: string }) => one.name === name
  const known = (await reach.listTools(server, terms)).find(isIt)
  if (known) return known
  const held = await reach.heldTools(server, terms)
  const tools = await reach.listTools(server, terms)
  const tool = tools.find(isIt)
  if (tool) return tool
  if (held.some(isIt)) {
    const message = `Tool "${name}" of server "${server}" is held: nobody has approved its definition`
    const hint = `look at it with "mcpvisor approve ${server}"`
    throw new CommandError(exitCodes.usage, message, hint, { code: 'TOOL_HELD', server })
  }
  const names = tools.map((one) => one.name)
  const hint = didYouMean(name, names) ?? `list its tools with "mcpvisor tools ${server}"`
  throw new CommandError(exitCodes.toolError, `Server "${server}" has no tool "${name}"`, hint, {
    code: 'TOOL_UNKNOWN',
    server,
  })
}

function progressLine({ progress, total, message }: Progress): string {
  const share = total === undefined ? String(progress) : `${progress} of ${total}`
  return plainText(message === undefined ? share : `${share}: ${message}`)
}

function print(result: CallToolResult, options: CallToolOptions, { out, err, env }: Terminal): void {
  if (wantsJson(options, env)) return out.line(JSON.stringify(result, null, 2))
  // A failure that the tool reports is no data.
  const { line } = result.isError ? err : out
  for (const block of result.content) {
    const text = 'text' in block && typeof block['text'] === 'string' ? block['text'] : undefined
    if (text !== undefined) line(options.raw ? text : text.split('\n').map(plainText).join('\n'))
    else if (options.raw) line(JSON.stringify(block))
    else line(describe(block))
  }
  if (result.content.length === 0 && result.structuredContent !== undefined) {
    line(JSON.stringify(result.structuredContent, null, 2))
  }
}

/** What cannot be shown as text, by its kind and size. */
function describe({ type, ...block }: CallToolResult['content'][number]): string {
  const { mimeType, data, uri, resource } = block as Record<string, unknown>
  const size = typeof data === 'string' ? `${Buffer.byteLength(data, 'base64')} bytes` : undefined
  const inner = typeof resource === 'object' && resource !== null ? (resource as Record<string, unknown>) : {}
  if (typeof inner['text'] === 'string') return inner['text'].split('\n').map(plainText).join('\n')
  const parts = [type, mimeType ?? inner['mimeType'], size, uri ?? inner['uri']].filter(
    (part) => typeof part === 'string',
  )
  return plainText(`[${parts.join(', ')}]`)
}
