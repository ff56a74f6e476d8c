import type { CloseReport, ClosedLease } from '../events.js'
import { flatState } from '../machines/server.context.js'
import { type ServerIdentity, actorId } from '../messages.js'
import type { Root, Servers } from './servers.js'

export interface CloserPorts {
  readonly root: Root
  readonly servers: Servers
  /** Nothing new may begin. */
  readonly closing: () => void
  /** Resolves when no transport is left. */
  readonly ended: () => Promise<Ended>
  /** Last net: fails every call that no server settled. */
  readonly failCalls: () => void
  readonly closed: (report: CloseReport) => void
}

/** What it took to end the servers, and which could not be ended. */
export interface Ended {
  endedBy(of: ServerIdentity): string | undefined
  failures(): readonly { readonly of: ServerIdentity; readonly reason: string }[]
}

/** Returns the function that closes everything once, however often it is called. */
export function createCloser({
  root,
  servers,
  closing: begin,
  ended,
  failCalls,
  closed,
}: CloserPorts): () => Promise<CloseReport> {
  let closing: Promise<CloseReport> | undefined

  function isLive(of: ServerIdentity): boolean {
    const snapshot = servers.actor(of)?.getSnapshot()
    return snapshot !== undefined && ['connecting', 'ready', 'closing'].includes(flatState(snapshot.value))
  }

  async function close(): Promise<CloseReport> {
    const all = [...servers.names().map((name) => ({ name })), ...servers.leases()]
    const wereLive = new Set(all.filter(isLive).map(actorId))
    const isOver = new Promise<void>((resolve) => {
      root.subscribe({ complete: resolve, error: () => resolve() })
      if (root.getSnapshot().status !== 'active') resolve()
    })
    begin()
    root.send({ type: 'close' })
    await isOver
    const end = await ended()
    failCalls()
    servers.clear()
    const report = reportOf(all, wereLive, end)
    closed(report)
    return report
  }

  return () => (closing ??= close())
}

/** Counts, beside those that were there at the end, the ones before that could not be ended. */
function reportOf(all: readonly ServerIdentity[], wereLive: ReadonlySet<string>, end: Ended): CloseReport {
  const reasons = new Map(end.failures().map(({ of, reason }) => [actorId(of), reason]))
  const counted = [...new Map([...all, ...end.failures().map(({ of }) => of)].map((of) => [actorId(of), of])).values()]
  const stepOf = (of: ServerIdentity) => (wereLive.has(actorId(of)) ? end.endedBy(of) : undefined)
  const leases = counted.flatMap((of): ClosedLease[] => {
    if (of.lease === undefined) return []
    const [endedBy, error] = [stepOf(of), reasons.get(actorId(of))]
    return [{ server: of.name, lease: of.lease, ...(endedBy && { endedBy }), ...(error && { error }) }]
  })
  const shared = counted.filter(({ lease }) => lease === undefined)
  const recordOf = (value: (of: ServerIdentity) => string | undefined) =>
    Object.fromEntries(shared.map((of) => [of.name, value(of)] as const).filter(isDefined))
  return {
    total: counted.length,
    closed: counted.length - reasons.size,
    errors: recordOf((of) => reasons.get(actorId(of))),
    endedBy: recordOf(stepOf),
    ...(leases.length > 0 && { leases }),
  }
}

function isDefined(pair: readonly [string, string | undefined]): pair is readonly [string, string] {
  return pair[1] !== undefined
}
