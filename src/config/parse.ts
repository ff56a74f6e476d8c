import { SupervisorError, failure } from '../errors.js'
import { type Policy, defaultPolicy } from './defaults.js'
import type { ParsedEntry } from './entry.js'
export interface ParsedConfig { readonly servers: ReadonlyMap<string, ParsedEntry>; readonly missing: boolean; readonly raw: Readonly<Record<string, unknown>> }
export function parseConfig(input: unknown, { defaults }: { defaults?: Partial<Policy> | undefined } = {}): ParsedConfig {
  const top = input as any
  if (typeof top !== 'object' || top === null) throw new SupervisorError(failure('CONFIG_INVALID', 'MCP configuration must be an object'))
  const servers = new Map<string, ParsedEntry>()
  for (const [name, e] of Object.entries<any>(top.mcpServers ?? {})) {
    const policy = { ...defaultPolicy, ...defaults, ...top.supervisor, ...e.supervisor }
    if (e.command) servers.set(name, { ok: true, entry: { endpoint: { transport: 'stdio', command: e.command, args: e.args ?? [], env: e.env ?? {}, ...(e.cwd && { cwd: e.cwd }) }, policy, disabled: e.disabled === true } })
    else if (e.url) servers.set(name, { ok: true, entry: { endpoint: { transport: 'auto', url: e.url, headers: e.headers ?? {} }, policy, disabled: e.disabled === true } })
    else servers.set(name, { ok: false, message: `Server "${name}" must specify either "command" (stdio) or "url" (HTTP) transport` })
  }
  return { servers, missing: top.mcpServers === undefined, raw: top.mcpServers ?? {} }
}
