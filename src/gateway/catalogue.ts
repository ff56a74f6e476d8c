import type { Prompt, Resource, ResourceTemplate, Supervisor, Tool } from '../index.js'
import { within } from './within.js'

/** What servers list, by kind. */
export interface Listed {
  readonly tools: Tool
  readonly prompts: Prompt
  readonly resources: Resource
  readonly resourceTemplates: ResourceTemplate
}

export type Kind = keyof Listed

/**
 * What the servers have, from memory where there is one, which the supervisor may have from an earlier life: a list of many
 * servers waits for none that is known, and starts none.
 */
export interface Catalogue {
  /** What is known of a server now; undefined when it was never asked. */
  known<K extends Kind>(server: string, kind: K): readonly Listed[K][] | undefined
  /** The same, from the server when it was never asked. Starts it. @throws what the supervisor does */
  ask<K extends Kind>(server: string, kind: K): Promise<readonly Listed[K][]>
  /**
   * Asks those of which nothing is known, all at once. Resolves when they have answered or failed, at the latest after
   * `waitMs`; who comes later is told as a change.
   */
  learn(servers: readonly string[], kind: Kind, waitMs: number): Promise<void>
  close(): void
}

export interface CatalogueParts {
  readonly supervisor: Supervisor
  /** What a server has is another than clients were told, or was missing when they were told. */
  readonly changed: (server: string, kind: Kind) => void
}

/** What a server must be able to do to have a list. */
const capabilities: Readonly<Record<Kind, string>> = {
  tools: 'tools',
  prompts: 'prompts',
  resources: 'resources',
  resourceTemplates: 'resources',
}

const kinds: readonly Kind[] = ['tools', 'prompts', 'resources', 'resourceTemplates']

/** Notifications by which servers tell that a list of theirs has changed. */
const changedBy: Readonly<Record<string, readonly Kind[]>> = {
  'notifications/prompts/list_changed': ['prompts'],
  'notifications/resources/list_changed': ['resources', 'resourceTemplates'],
}

export function createCatalogue({ supervisor, changed }: CatalogueParts): Catalogue {
  const memory = new Map<string, readonly unknown[]>()
  const asking = new Map<string, Promise<readonly unknown[]>>()
  /** Lists that have changed while they were asked for. */
  const overtaken = new Set<string>()
  /** Lists that clients have waited for in vain. */
  const missed = new Set<string>()
  const keyOf = (server: string, kind: Kind): string => `${kind}\n${server}`
  const lists: { [K in Kind]: (server: string) => Promise<readonly Listed[K][]> } = {
    tools: (server) => supervisor.listTools(server),
    prompts: (server) => supervisor.listPrompts(server),
    resources: (server) => supervisor.listResources(server),
    resourceTemplates: (server) => supervisor.listResourceTemplates(server),
  }

  /** Takes what the supervisor remembers for what clients know: when it turns out otherwise, they are told. */
  function recall(server: string, kind: Kind): readonly unknown[] | undefined {
    const key = keyOf(server, kind)
    const known = memory.get(key)
    const last = known ? undefined : supervisor.catalog(server)
    if (!last) return known
    const items = last[kind] ?? (last.capabilities[capabilities[kind]] ? undefined : [])
    if (items) memory.set(key, items)
    return items
  }

  /** One question at a time for each list; whoever asks meanwhile gets the same answer. */
  function askNow(server: string, kind: Kind): Promise<readonly unknown[]> {
    const key = keyOf(server, kind)
    const running = asking.get(key)
    if (running) return running
    const answer = askOnce(server, kind).finally(() => asking.delete(key))
    asking.set(key, answer)
    return answer
  }

  /** An answer that a change has overtaken is asked for once more. */
  async function askOnce(server: string, kind: Kind): Promise<readonly unknown[]> {
    const key = keyOf(server, kind)
    let items = await lists[kind](server)
    // Not for ever: a server may change faster than it lists.
    for (let again = 0; again < 3 && overtaken.delete(key); again += 1) items = await lists[kind](server)
    remember(server, kind, items)
    return items
  }

  function remember(server: string, kind: Kind, items: readonly unknown[]): void {
    const key = keyOf(server, kind)
    const before = memory.get(key)
    memory.set(key, items)
    const isNews = before ? JSON.stringify(before) !== JSON.stringify(items) : missed.delete(key)
    if (isNews) changed(server, kind)
  }

  /** Lists anew what clients know of. */
  function refresh(server: string, of: readonly Kind[], isChange: boolean): void {
    for (const kind of of) {
      const key = keyOf(server, kind)
      if (isChange && asking.has(key)) overtaken.add(key)
      // That it fails is told by the supervisor, and what was known stays.
      else if (memory.has(key) || missed.has(key)) askNow(server, kind).catch(() => undefined)
    }
  }

  // What is shown is what the shared process lists.
  const isShared = (lease: number | undefined): boolean => lease === undefined
  const ignore = [
    supervisor.on('tools.changed', ({ server }) => refresh(server, ['tools'], true)),
    supervisor.on('tools.approved', ({ server }) => refresh(server, ['tools'], true)),
    supervisor.on('notification.received', ({ server, lease, method }) => {
      if (isShared(lease)) refresh(server, changedBy[method] ?? [], true)
    }),
    supervisor.on('state.changed', ({ server, lease, to }) => {
      if (isShared(lease) && to === 'ready') refresh(server, kinds, false)
    }),
    supervisor.on('config.reloaded', ({ report }) => {
      if (!report.ok) return
      // Another entry may let other tools through.
      for (const server of [...report.removed, ...report.updated]) forget(server)
      for (const server of report.added) for (const kind of kinds) changed(server, kind)
    }),
  ]

  function forget(server: string): void {
    for (const kind of kinds) {
      const key = keyOf(server, kind)
      missed.delete(key)
      if (asking.has(key)) overtaken.add(key)
      if (memory.delete(key)) changed(server, kind)
    }
  }

  return {
    known: <K extends Kind>(server: string, kind: K) => recall(server, kind) as readonly Listed[K][] | undefined,
    async ask<K extends Kind>(server: string, kind: K) {
      return (recall(server, kind) ?? (await askNow(server, kind))) as readonly Listed[K][]
    },
    async learn(servers, kind, waitMs) {
      const unknown = servers.filter((server) => !recall(server, kind))
      await within(waitMs, Promise.allSettled(unknown.map((server) => askNow(server, kind))))
      for (const key of unknown.map((server) => keyOf(server, kind))) if (!memory.has(key)) missed.add(key)
    },
    close: () => ignore.forEach((stop) => stop()),
  }
}
