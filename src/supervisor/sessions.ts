import type { Ledger, Work } from '../calls/ledger.js'
import type { Policy } from '../config/defaults.js'
import type { Failure } from '../errors.js'
import { stopped } from '../machines/server.context.js'
import { serverId } from '../messages.js'
import type { Leases } from './leases.js'
import type { Root, Servers } from './servers.js'
import { type CallApart, type SessionLine, createSessionLine } from './session-line.js'

/** The sessions that answer one call each, of all servers whose policy asks for them. */
export interface Sessions {
  /** Has a call answered by a session of its own. */
  carry(server: string, call: CallApart): void
  /** Servers were added, changed or ended: what stands by and what waits follow them. */
  follow(): void
  /** The supervisor closes: calls that wait fail, and nothing stands by. */
  stop(): void
}

/** Requests that a server may answer out of what it remembers of a caller. The others concern the server as such. */
const apart: ReadonlySet<string> = new Set(['tools/call', 'resources/read', 'prompts/get', 'completion/complete'])

/** Whether a piece of work gets a session of its own. */
export function isApart(policy: Policy, work: Work): boolean {
  return hasSessions(policy) && work.kind === 'request' && apart.has(work.method)
}

const hasSessions = ({ session }: Policy) => session === 'per-call' || typeof session === 'object'

export interface SessionsPorts {
  readonly root: Root
  readonly servers: Pick<Servers, 'actor' | 'halted'>
  readonly ledger: Ledger
  readonly leases: Leases
}

export function createSessions({ root, servers, ledger, leases }: SessionsPorts): Sessions {
  const lines = new Map<string, SessionLine>()

  function lineOf(name: string, policy: Policy): SessionLine {
    const line = lines.get(name) ?? createSessionLine({ name, policy, servers, ledger, leases })
    lines.set(name, line)
    return line
  }

  function policies(): Map<string, Policy> {
    const children = Object.values(root.getSnapshot().context.children)
    const present = children.filter(({ lease, status }) => lease === undefined && status === 'present')
    return new Map(present.map(({ name, entry }) => [name, entry.policy]))
  }

  function refuse(line: SessionLine, of: Failure): void {
    for (const callId of line.leave()) ledger.fail(callId, of)
  }

  function share(name: string, callId: number): void {
    // One that settled in this turn has not left the line yet.
    if (!ledger.work(callId)) return
    ledger.hand(callId, { name })
    servers.actor({ name })?.send({ type: 'call', callId })
  }

  return {
    carry(server, call) {
      const child = root.getSnapshot().context.children[serverId(server)]
      if (child) lineOf(server, child.entry.policy).enter(call)
    },
    follow() {
      const current = policies()
      for (const [name, line] of [...lines]) {
        const policy = current.get(name)
        if (policy && hasSessions(policy)) continue
        if (!policy) refuse(line, stopped(name, servers.halted.has(name) ? 'halted' : 'removed'))
        else for (const callId of line.leave()) share(name, callId)
        if (line.isEmpty()) lines.delete(name)
      }
      for (const [name, policy] of current) if (hasSessions(policy)) lineOf(name, policy).follow(policy)
    },
    stop() {
      for (const [name, line] of lines) refuse(line, stopped(name, 'shutdown'))
      lines.clear()
    },
  }
}
