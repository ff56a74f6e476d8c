import type { CallToolResult, HeldDefinition, Progress, Tool } from '../../index.js'
import { CommandError } from '../command-error.js'
import { readConfiguration } from '../configuration.js'
import { requireConsent } from '../consent.js'
import { findInstance } from '../control/find.js'
import { locate } from '../discover.js'
import { exitCodes } from '../exit-codes.js'
import type { ConfigOptions, TokenStoreOptions } from '../options.js'
import { pickServers } from '../pick-servers.js'
import type { Terminal } from '../terminal.js'

/** The servers of a configuration within reach of one command: in a running instance, or started for the moment. */
export interface Reach {
  readonly servers: readonly string[]
  listTools(server: string, options: ReachOptions): Promise<readonly Tool[]>
  /** The number of its tools that wait for approval, as far as they were listed. */
  countHeld(server: string): Promise<number>
  /** Lists the tools anew, whatever is remembered, and tells those of them that wait for approval. */
  heldTools(server: string, options: ReachOptions): Promise<readonly HeldDefinition[]>
  approveTools(server: string, tools: readonly HeldDefinition[]): Promise<unknown>
  callTool(
    server: string,
    tool: string,
    args: Record<string, unknown>,
    options: ReachOptions & { readonly onProgress: (progress: Progress) => void },
  ): Promise<CallToolResult>
  /** Ends what was started for the moment. Resolves with why something of it could not be stored. */
  close(): Promise<readonly string[]>
}

export interface ReachOptions {
  readonly timeoutMs?: number | undefined
  readonly signal: AbortSignal
}

/** @throws CommandError when nobody has agreed to what would be started */
export async function openReach(options: ConfigOptions & TokenStoreOptions, terminal: Terminal): Promise<Reach> {
  return (await reachInstance(options, terminal)) ?? startForTheMoment(options, terminal)
}

async function reachInstance(options: ConfigOptions, terminal: Terminal): Promise<Reach | undefined> {
  const client = await findInstance(options, terminal)
  if (!client) return undefined
  const views = await client.request('status', {})
  return {
    servers: views.map(({ name }) => name),
    listTools: (server, { timeoutMs, signal }) => client.request('tools', { server, timeoutMs }, { signal }),
    countHeld: async (server) => (await client.request('status', { servers: [server] }))[0]?.held ?? 0,
    heldTools: (server, { timeoutMs, signal }) => client.request('held', { server, timeoutMs }, { signal }),
    approveTools: (server, tools) =>
      client.request('approve', { server, tools: tools.map(({ name, digest }) => ({ name, digest })) }),
    callTool: (server, tool, args, { timeoutMs, signal, onProgress }) =>
      client.request('call', { server, tool, args, timeoutMs }, { signal, onItem: onProgress }),
    async close() {
      client.close()
      return []
    },
  }
}

async function startForTheMoment(options: ConfigOptions & TokenStoreOptions, terminal: Terminal): Promise<Reach> {
  const files = await locate(options.config, terminal)
  const { sources, config, configPath } = await readConfiguration(files, options)
  const { trust: isTrusted = false } = options
  for (const source of sources) await requireConsent(source, source.loaded, terminal, { isTrusted })
  // Most commands find an instance and never need the library.
  const { createSupervisor } = await import('../../index.js')
  const { userCatalogStore } = await import('../user-catalog-store.js')
  const { userTokenStore } = await import('../login/user-token-store.js')
  const supervisor = createSupervisor(config, {
    configPath,
    defaults: { start: 'lazy', retries: 0 },
    tokenStore: await userTokenStore(options, terminal),
    catalogStore: userCatalogStore(
      terminal,
      files.map(({ path }) => path),
    ),
  })
  const unstored = new Set<string>()
  supervisor.on('catalog.unusable', ({ server, reason }) => unstored.add(`Server "${server}": ${reason}`))
  return {
    servers: supervisor.servers(),
    listTools: (server, { timeoutMs, signal }) => supervisor.listTools(server, { timeoutMs, signal }),
    countHeld: async (server) => supervisor.status(server).held ?? 0,
    async heldTools(server, { timeoutMs, signal }) {
      await supervisor.listTools(server, { timeoutMs, signal, refresh: true })
      return supervisor.catalog(server)?.held ?? []
    },
    approveTools: (server, tools) => supervisor.approveTools(server, tools),
    callTool: (server, tool, args, reachOptions) => supervisor.callTool(server, tool, args, reachOptions),
    async close() {
      await supervisor.close()
      return [...unstored]
    },
  }
}

/** A tool by its place, and the server that has it. */
export interface Target {
  readonly server: string
  readonly tool: string
}

/** Reads `<server>.<tool>`: of the servers whose name begins it, the one with the longest. @throws CommandError */
export function parseTarget(text: string, servers: readonly string[]): Target {
  const [server] = servers
    .filter((name) => text.startsWith(`${name}.`) && text.length > name.length + 1)
    .toSorted((a, b) => b.length - a.length)
  if (server !== undefined) return { server, tool: text.slice(server.length + 1) }
  const dot = text.indexOf('.')
  if (dot > 0) pickServers([text.slice(0, dot)], servers)
  throw new CommandError(exitCodes.usage, `"${text}" must be <server>.<tool>`, 'list them with "mcpvisor tools"')
}
