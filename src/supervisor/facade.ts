import type { Lease, LeaseOptions, Supervisor } from '../api.js'
import type { ToolPins } from '../catalogs/tool-pins.js'
import type { Ledger } from '../calls/ledger.js'
import type { WishBook } from '../calls/wishes.js'
import type { Clock } from '../clock.js'
import type { CloseReport } from '../events.js'
import type { ServerIdentity } from '../messages.js'
import { createApproveTools } from './approve-tools.js'
import type { AuthorizationPort } from './authorization.js'
import { createAuthorize } from './authorize.js'
import type { WaitOptions } from './call-terms.js'
import type { Calls } from './calls.js'
import type { EventBus } from './event-bus.js'
import { streamEvents } from './event-stream.js'
import { createExplain } from './explain.js'
import type { KnownCatalog } from './known-catalog.js'
import { createHeldTools } from './held-tools.js'
import type { History } from './history.js'
import { createLease } from './lease.js'
import type { Leases } from './leases.js'
import type { Reloads } from './reloads.js'
import { type Root, type Servers, stoppedMessage } from './servers.js'
import { createServerMethods } from './server-methods.js'
import { type ServerStatus, absentStatus, statusOf } from './status.js'

export interface FacadeParts {
  readonly root: Root
  readonly servers: Servers
  readonly calls: Calls
  readonly leases: Leases
  readonly reloads: Reloads
  readonly ledger: Ledger
  readonly clock: Clock
  readonly bus: EventBus
  readonly history: History
  readonly authorization: AuthorizationPort
  readonly wishes: WishBook
  readonly catalog: KnownCatalog
  readonly pins: ToolPins
  readonly close: () => Promise<CloseReport>
}

/** The public object: each method says which part does the work. */
export function createFacade(parts: FacadeParts): Supervisor {
  const {
    root,
    servers,
    calls,
    leases,
    reloads,
    ledger,
    clock,
    bus,
    history,
    wishes,
    catalog,
    pins,
    authorization,
    close,
  } = parts

  const held = createHeldTools({ servers, pins })

  function statusFor(of: ServerIdentity): ServerStatus {
    const isKnown = servers.has(of.name)
    const snapshot = isKnown ? servers.actor(of)?.getSnapshot() : undefined
    if (snapshot) return statusOf(snapshot, { ...ledger.counts(of), held: held(of.name).length })
    const isStopped = servers.halted.has(of.name)
    return absentStatus(of, isKnown, clock.now(), isStopped ? stoppedMessage(of.name) : '')
  }

  const status = (name: string) => statusFor({ name })
  const methods = createServerMethods({ calls, clock, wishes, catalog }, (name) => ({ name }))

  async function start(name: string, options?: WaitOptions): Promise<void> {
    reloads.resume(name)
    await methods.connect(name, options)
  }

  function lease(name: string, options?: LeaseOptions): Lease {
    calls.find({ name })
    const of = leases.open(name, options)
    const own = createServerMethods({ calls, clock, wishes, catalog }, () => {
      leases.check(of)
      return of
    })
    return createLease(of, { methods: own, status: () => statusFor(of), close: () => leases.close(of) })
  }

  return {
    servers: servers.names,
    config: servers.config,
    status,
    statuses: () => servers.names().map(status),
    catalog,
    explain: createExplain({ servers, history, ledger, clock, status }),
    ...methods,
    start,
    stop: reloads.stop,
    restart: async (name, options) => (servers.halted.has(name) ? start : methods.restart)(name, options),
    lease,
    approveTools: createApproveTools({ servers, held, pins, emit: bus.emit }),
    ...createAuthorize(calls, (name) => status(name).connected, authorization),
    async reload(config) {
      const report = await reloads.reload(config)
      bus.emit({ type: 'config.reloaded', report })
      return report
    },
    close,
    async [Symbol.asyncDispose]() {
      await close()
    },
    on: bus.on,
    events: ({ signal } = {}) => streamEvents(bus, signal),
    actor: root,
  }
}
