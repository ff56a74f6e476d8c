import { diffServers } from '../config/diff.js'
import type { EntryRef } from '../messages.js'
import type { ServerReport } from './server.events.js'
import type { ReloadChanges, TargetServer } from './supervisor.events.js'

/** A server that the supervisor has spawned and not yet seen closed. */
export interface Child {
  readonly name: string
  readonly entry: EntryRef
  /** `leaving` once a reload removed it: it closes, or a later reload brings it back. */
  readonly status: 'present' | 'leaving'
}

/** The children by actor id, `server:<name>`: the prefix makes any name a plain key. */
export type Children = Readonly<Record<string, Child>>

export const serverId = (name: string): string => `server:${name}`

/** What one reload does to the children. */
export interface Plan {
  readonly changes: Omit<ReloadChanges, 'failed'>
  readonly spawn: readonly TargetServer[]
  readonly reconfigure: readonly TargetServer[]
  readonly stop: readonly Child[]
}

export function planReload(
  children: Children,
  target: readonly TargetServer[],
  digests: Readonly<Record<string, string>>,
): Plan {
  const identities = (servers: readonly TargetServer[]) =>
    new Map(servers.map(({ name, entry }) => [name, digests[entry.id] ?? entry.id]))
  const present = Object.values(children).filter(({ status }) => status === 'present')
  const changes = diffServers(identities(present), identities(target))
  const wanted = new Map(target.map((server) => [server.name, server]))
  const pick = (names: readonly string[]) => names.flatMap((name) => wanted.get(name) ?? [])
  const isLeaving = ({ name }: TargetServer) => Object.hasOwn(children, serverId(name))
  const added = pick(changes.added)
  return {
    changes,
    spawn: added.filter((server) => !isLeaving(server)),
    reconfigure: [...pick(changes.updated), ...added.filter(isLeaving)],
    stop: present.filter(({ name }) => !wanted.has(name)),
  }
}

/** The children as they are once the plan is carried out. */
export function applyPlan(children: Children, { spawn, reconfigure, stop }: Plan): Children {
  const next: Record<string, Child> = { ...children }
  for (const { name, entry } of [...spawn, ...reconfigure]) {
    next[serverId(name)] = { name, entry, status: 'present' }
  }
  for (const child of stop) next[serverId(child.name)] = { ...child, status: 'leaving' }
  return next
}

/** A reload whose servers have not all adopted their entry yet. */
export interface PendingReload {
  readonly reloadId: number
  readonly changes: ReloadChanges
  /** Entry ids that are awaited, by name; `null` awaits the server's end. */
  readonly waiting: ReadonlyMap<string, string | null>
}

export function pendingReload(reloadId: number, { changes, spawn, reconfigure, stop }: Plan): PendingReload {
  const waiting = new Map<string, string | null>()
  for (const { name, entry } of [...spawn, ...reconfigure]) waiting.set(name, entry.id)
  for (const { name } of stop) waiting.set(name, null)
  return { reloadId, changes: { ...changes, failed: {} }, waiting }
}

/** What the pending reloads still wait for after a server adopted an entry. A later entry settles earlier reloads too. */
export function afterAdoption(reloads: readonly PendingReload[], report: ServerReport): PendingReload[] {
  const latest = reloads.findLastIndex(({ waiting }) => waiting.get(report.name) === report.entryId)
  return reloads.map((reload, index) => (index <= latest ? without(reload, report.name, report.error) : reload))
}

/** What the pending reloads still wait for after a server closed. */
export function afterEnd(reloads: readonly PendingReload[], name: string): PendingReload[] {
  return reloads.map((reload) => without(reload, name))
}

function without(reload: PendingReload, name: string, error?: string): PendingReload {
  if (!reload.waiting.has(name)) return reload
  const waiting = new Map(reload.waiting)
  const isAwaitedHere = waiting.get(name) !== null
  waiting.delete(name)
  if (error === undefined || !isAwaitedHere) return { ...reload, waiting }
  return { ...reload, waiting, changes: { ...reload.changes, failed: { ...reload.changes.failed, [name]: error } } }
}
