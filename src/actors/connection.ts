import { type CallbackActorLogic, fromCallback } from 'xstate'

import type { Handlers } from '../calls/handlers.js'
import type { Ledger } from '../calls/ledger.js'
import type { Wishes } from '../calls/wishes.js'
import type { SessionTracing } from '../calls/telemetry.js'
import { untraced } from '../calls/trace-context.js'
import type { Clock } from '../clock.js'
import { type Failure, failure } from '../errors.js'
import {
  type ConnectionCommand,
  type ConnectionInput,
  type ConnectionReport,
  type ServerIdentity,
  identityOf,
} from '../messages.js'
import { type CallWindow, createCallWindow, failureOf } from './call-window.js'
import { createCaller } from './session/caller.js'
import { carry } from './carry.js'
import { type Catalog, type ToolListing, createCatalog } from './catalog/catalog.js'
import type { ToolGate } from './catalog/admission.js'
import type { Endings } from './endings.js'
import { type Heartbeat, createHeartbeat } from './heartbeat.js'
import type { ItemList } from './catalog/list-items.js'
import type { EraChoice, OpenSession, SessionInfo } from './session/session.js'
import { type Restored, restore } from './restoration.js'
import type { StartSlots, StartTicket } from './start-slots.js'
import type { ToolFilter } from './catalog/tool-filter.js'
import type { Transport } from './transport.js'
import type { OutputValidator } from './validation/output-validator.js'
import { type UnaskedNotice, createUnasked } from './session/unasked.js'

/** What a connection tells the host, beside what it reports to its server. */
export type ConnectionNotice =
  | UnaskedNotice
  /** The handshake is done. */
  | ({ readonly type: 'opened' } & SessionInfo)
  | ({ readonly type: 'listed' } & ToolListing)
  | { readonly type: 'items.listed'; readonly method: ItemList; readonly items: readonly unknown[] }
  | ({ readonly type: 'restored' } & Restored)

export interface ConnectionPorts {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly endings: Endings
  readonly openSession: OpenSession
  readonly slots: StartSlots
  /** Judges what tools answer, where the policy asks for it. */
  readonly outputs?: OutputValidator
  readonly clientInfo: { readonly name: string; readonly version: string }
  /** What the host answers when that server asks and the call has no handler of its own. */
  handlers(server: ServerIdentity): Handlers
  /** What callers have asked of that server for as long as it lives. */
  wishes(server: ServerIdentity): Wishes
  /** Makes the transport of a configured server, not yet started; `mask` hides the secrets of its entry. */
  transport(input: ConnectionInput): Promise<{
    readonly transport: Transport
    readonly filter: ToolFilter
    readonly mask: (text: string) => string
    readonly era?: EraChoice
    readonly tracing?: SessionTracing
    readonly gate?: ToolGate | undefined
  }>
  notice(of: ConnectionInput, notice: ConnectionNotice): void
}

/**
 * One transport and one MCP session, for one life.
 *
 * It opens them when it starts, carries calls while they are up, and ends them when told. It decides nothing: what
 * happens after a loss is the server machine's business. Stopping the actor is the hard stop.
 */
export function fromConnection(ports: ConnectionPorts): CallbackActorLogic<ConnectionCommand, ConnectionInput> {
  return fromCallback<ConnectionCommand, ConnectionInput>(({ input, receive, sendBack }) => {
    const connection = startConnection(input, ports, (report) => sendBack(report))
    receive(connection.receive)
    return connection.abandon
  })
}

function startConnection(input: ConnectionInput, ports: ConnectionPorts, tell: (report: ConnectionReport) => void) {
  const { name, entry } = input
  const { policy } = entry
  const { clock, endings } = ports
  const self = identityOf(input)
  let stage: 'opening' | 'up' | 'lost' | 'ending' | 'gone' = 'opening'
  let transport: Transport | undefined
  let window: CallWindow | undefined
  let catalog: Catalog | undefined
  let ticket: StartTicket | undefined
  let heartbeat: Heartbeat | undefined
  let idleTimer: unknown
  let stopRestoring = () => {}
  const opening = open()
    .catch((error: unknown) => refuse(failureOf(error, name)))
    .finally(() => ticket?.leave())

  async function open(): Promise<void> {
    await takeTurn()
    if (stage !== 'opening') return
    const made = await ports.transport(input)
    if (stage !== 'opening') return
    transport = made.transport
    transport.onlost = lose
    endings.book(self, transport)
    const { filter, mask, era, tracing, gate } = made
    const handlers = ports.handlers(self)
    const unasked = createUnasked(mask, (notice) => ports.notice(input, notice))
    const session = await ports.openSession(transport, {
      server: name,
      clock,
      clientInfo: ports.clientInfo,
      handlers,
      ...(era && { era }),
      tracing,
      mask,
      notified(method, params, during) {
        catalog?.notified(method)
        unasked.notified(method, params, during)
      },
      violated: unasked.violated,
    })
    const { listTimeoutMs } = policy
    ports.notice(input, { type: 'opened', ...session.info })
    catalog = createCatalog({
      server: name,
      session,
      filter,
      gate,
      clock,
      mask,
      listTimeoutMs,
      listed,
      itemsListed: (method, items) => ports.notice(input, { type: 'items.listed', method, items }),
      refreshFailed,
      violated: unasked.violated,
    })
    const outputs = policy.validateOutput ? ports.outputs : undefined
    const carrier = { server: name, session, catalog, filter, mask, outputs }
    const listing = await catalog.first()
    if (stage !== 'opening') return
    window = createCallWindow({
      server: name,
      maxConcurrency: policy.maxConcurrency,
      maxQueue: policy.maxQueue,
      ledger: ports.ledger,
      carry: (work, options) => carry(work, carrier, options),
      caller: (callId, work) => createCaller(callId, work, { server: name, ledger: ports.ledger, handlers }),
      busy: watchIdle,
      lost: lose,
    })
    heartbeat = createHeartbeat({
      intervalMs: policy.pingIntervalMs,
      clock,
      ping: (cancellation) => session.request('ping', {}, { cancellation, trace: untraced }),
      dead: () => lose(failure('CONNECTION_LOST', `Server "${name}" did not answer two pings in a row`)),
    })
    stage = 'up'
    stopRestoring = restore({
      server: name,
      session,
      wishes: () => ports.wishes(self),
      mask,
      clock,
      timeoutMs: listTimeoutMs,
      maxConcurrency: policy.maxConcurrency,
      told: (restored) => ports.notice(input, { type: 'restored', ...restored }),
    })
    // Before the report: the server answers it at once with the calls that wait.
    watchIdle(false)
    const { protocolVersion } = session.info
    tell({
      type: 'connection.up',
      protocolVersion,
      ...listing,
      ...(transport.pid !== undefined && { pid: transport.pid }),
    })
  }

  /**
   * Waits until nothing is left of the connection before, and no more servers are starting than may. The deadline of the
   * attempt begins with our turn.
   */
  async function takeTurn(): Promise<void> {
    if (endings.isSettled(self) && takeTicket().isAdmitted) return
    tell({ type: 'connection.waiting' })
    await endings.settled(self)
    if (stage !== 'opening') return
    await takeTicket().admitted
    if (stage === 'opening') tell({ type: 'connection.admitted' })
  }

  function takeTicket(): StartTicket {
    return (ticket ??= ports.slots.enter())
  }

  function refreshFailed(message: string): void {
    if (stage === 'up') ports.notice(input, { type: 'violated', detail: `a change was told, but: ${message}` })
  }

  function listed(listing: ToolListing): void {
    ports.notice(input, { type: 'listed', ...listing })
    if (stage === 'up') tell({ type: 'tools.listed', tools: listing.tools.length - listing.held.length })
  }

  /** The opening came to nothing. Whoever is ending us already knows. */
  function refuse(of: Failure): void {
    if (stage !== 'opening') return
    stage = 'lost'
    tell({ type: 'connection.failed', failure: { ...of, server: name } })
  }

  /**
   * Tells the loss once every call in flight has settled, so that it can name those that never left. The transport is
   * ended after that: it knows best what became of each, and rejects them all by itself.
   */
  function lose(of: Failure): void {
    if (stage === 'opening') return refuse({ phase: 'handshake', ...of })
    if (stage !== 'up' || !window) return
    stage = 'lost'
    void settle().then(() => {
      transport?.kill()
      if (stage === 'lost') tell({ type: 'connection.lost', failure: { server: name, ...of }, unsent: takeUnsent() })
    })
  }

  async function drain(): Promise<void> {
    await settle()
    if (stage === 'up') tell({ type: 'connection.drained', unsent: takeUnsent() })
  }

  /** Accepts nothing more and waits for what is in flight. */
  async function settle(): Promise<void> {
    stopIdleTimer()
    heartbeat?.stop()
    stopRestoring()
    catalog?.stop()
    await window?.shut()
  }

  /** Taken by the report that is told, at its time: a report that another one overtook must not keep any. */
  function takeUnsent(): number[] {
    return window?.takeUnsent() ?? []
  }

  async function terminate(of: Failure): Promise<void> {
    stage = 'ending'
    ticket?.leave()
    const settled = settle()
    window?.failAll(of)
    if (transport) await endings.end(self, transport)
    await opening
    if (transport) await endings.end(self, transport)
    await settled
    tell({ type: 'connection.closed', unsent: takeUnsent() })
  }

  function watchIdle(isBusy: boolean): void {
    stopIdleTimer()
    if (stage === 'up') heartbeat?.watch(isBusy)
    if (isBusy || stage !== 'up' || policy.idleTimeoutMs === 0) return
    idleTimer = clock.setTimeout(() => tell({ type: 'connection.unused' }), policy.idleTimeoutMs)
  }

  function stopIdleTimer(): void {
    clock.clearTimeout(idleTimer)
  }

  return {
    receive(command: ConnectionCommand): void {
      if (command.type === 'call') window?.accept(command.callId)
      else if (command.type === 'drain') void drain()
      else if (command.type === 'terminate') void terminate(command.failure)
      else window?.cancel(command.callId)
    },
    abandon(): void {
      if (stage === 'gone') return
      stage = 'gone'
      ticket?.leave()
      const of = failure('CONNECTION_LOST', `Server "${name}" was stopped before it answered`, { server: name })
      void settle().then(() => takeUnsent().forEach((callId) => ports.ledger.fail(callId, of)))
      window?.failAll(of)
      if (transport) endings.kill(self, transport)
    },
  }
}
