import { type ServersDiff, diffServers } from '../config/diff.js'
import type { Policy } from '../config/defaults.js'
import type { ReloadChanges } from '../events.js'
import { type EntryRef, type ServerIdentity, actorId, serverId } from '../messages.js'
import type { ServerReport } from './server.events.js'
import type { TargetServer } from './supervisor.events.js'

/** A server that the supervisor has spawned and not yet seen closed. */
export interface Child extends ServerIdentity {
  readonly entry: EntryRef
  /** `leaving` once it was removed or released: it closes, or a later reload brings it back unless it is a lease. */
  readonly status: 'present' | 'leaving'
  /** What of the policy of a lease is its own. */
  readonly own?: Partial<Policy>
}

/** The children by actor id, whose prefix makes any name a plain key. */
export type Children = Readonly<Record<string, Child>>

/** What one reload does to the children. */
export interface Plan {
  readonly changes: ServersDiff
  readonly spawn: readonly Child[]
  /** The children as they will be. */
  readonly reconfigure: readonly Child[]
  readonly stop: readonly Child[]
  /** Leases of servers that change which are closing anyway: the reload is not over before they are. */
  readonly await: readonly Child[]
}

export function planReload(
  children: Children,
  target: readonly TargetServer[],
  digests: Readonly<Record<string, string>>,
): Plan {
  const identities = (servers: readonly TargetServer[]) =>
    new Map(servers.map(({ name, entry }) => [name, digests[entry.id] ?? entry.id]))
  const all = Object.values(children)
  const present = all.filter(({ status }) => status === 'present')
  const changes = diffServers(identities(present.filter(isShared)), identities(target))
  const wanted = new Map(target.map((server) => [server.name, server]))
  const pick = (names: readonly string[]) =>
    names.flatMap((name) => wanted.get(name) ?? []).map((server): Child => ({ ...server, status: 'present' }))
  const isLeaving = ({ name }: Child) => Object.hasOwn(children, serverId(name))
  const added = pick(changes.added)
  const updated = new Map(pick(changes.updated).map((server) => [server.name, server]))
  const leases = all.filter((child) => !isShared(child))
  return {
    changes,
    spawn: added.filter((server) => !isLeaving(server)),
    reconfigure: [
      ...updated.values(),
      ...added.filter(isLeaving),
      ...leases.flatMap((lease) => follow(lease, updated)),
    ],
    stop: present.filter(({ name }) => !wanted.has(name)),
    await: leases.filter(({ name, status }) => status === 'leaving' && (updated.has(name) || !wanted.has(name))),
  }
}

const isShared = ({ lease }: Child) => lease === undefined

/** A lease takes the entry of its server, but for what is its own. */
function follow(lease: Child, updated: ReadonlyMap<string, Child>): Child[] {
  const server = updated.get(lease.name)
  if (!server || lease.status === 'leaving') return []
  return [{ ...lease, entry: leasedEntry(server.entry, lease.own) }]
}

export function leasedEntry(entry: EntryRef, own: Partial<Policy> = {}): EntryRef {
  return { ...entry, policy: { ...entry.policy, ...own } }
}

/** The children as they are once the plan is carried out. */
export function applyPlan(children: Children, { spawn, reconfigure, stop }: Plan): Children {
  const next: Record<string, Child> = { ...children }
  for (const child of [...spawn, ...reconfigure]) next[actorId(child)] = child
  for (const child of stop) next[actorId(child)] = { ...child, status: 'leaving' }
  return next
}

/** A reload whose servers have not all adopted their entry yet. */
export interface PendingReload {
  readonly reloadId: number
  readonly changes: ReloadChanges
  /** Entry ids that are awaited, by actor id; `null` awaits the end. */
  readonly waiting: ReadonlyMap<string, string | null>
}

export function pendingReload(reloadId: number, plan: Plan): PendingReload {
  const waiting = new Map<string, string | null>()
  for (const child of [...plan.spawn, ...plan.reconfigure]) waiting.set(actorId(child), child.entry.id)
  for (const child of [...plan.stop, ...plan.await]) waiting.set(actorId(child), null)
  return { reloadId, changes: { ...plan.changes, failed: {} }, waiting }
}

/** What the pending reloads still wait for after a server adopted an entry. A later entry settles earlier reloads too. */
export function afterAdoption(reloads: readonly PendingReload[], report: ServerReport): PendingReload[] {
  const id = actorId(report)
  const latest = reloads.findLastIndex(({ waiting }) => waiting.get(id) === report.entryId)
  return reloads.map((reload, index) => (index <= latest ? without(reload, report, report.error) : reload))
}

/** What the pending reloads still wait for after servers closed. */
export function afterEnd(reloads: readonly PendingReload[], ended: readonly ServerIdentity[]): PendingReload[] {
  const gone = new Set(ended.map(actorId))
  return reloads.map((reload) => ({
    ...reload,
    waiting: new Map([...reload.waiting].filter(([id]) => !gone.has(id))),
  }))
}

function without(reload: PendingReload, of: ServerReport, error: string | undefined): PendingReload {
  const id = actorId(of)
  if (!reload.waiting.has(id)) return reload
  const waiting = new Map(reload.waiting)
  const isAwaitedHere = waiting.get(id) !== null
  waiting.delete(id)
  // A lease fails as its server does, and the report is about servers.
  if (error === undefined || !isAwaitedHere || of.lease !== undefined) return { ...reload, waiting }
  return { ...reload, waiting, changes: { ...reload.changes, failed: { ...reload.changes.failed, [of.name]: error } } }
}
