import type { ServerEntry, Endpoint } from './entry.js'
export interface ResolveScope { env: Readonly<Record<string, string | undefined>>; inputs?: unknown; configPath?: string | undefined }
export interface ResolvedEntry { endpoint: Endpoint; policy: ServerEntry['policy']; secrets: readonly string[] }
export async function resolveEntry(_name: string, entry: ServerEntry, _scope: ResolveScope): Promise<ResolvedEntry> { return { endpoint: entry.endpoint, policy: entry.policy, secrets: [] } }
