import { createActor } from 'xstate'

import { type ConnectionNotice, fromConnection } from './actors/connection.js'
import { createEndings } from './actors/endings.js'
import { openSession } from './actors/session/era.js'
import { openTransport } from './actors/open-transport.js'
import { fromPrepare } from './actors/prepare.js'
import { livingGroups } from './actors/process/process-group.js'
import { createStartSlots } from './actors/start-slots.js'
import { createOutputValidator } from './actors/validation/output-validator.js'
import { fromWatcher } from './actors/watcher.js'
import type { Supervisor, SupervisorOptions } from './api.js'
import { createAuthorizations } from './auth/authorizations.js'
import { createMemoryTokenStore } from './auth/memory-token-store.js'
import { createLedger } from './calls/ledger.js'
import { createWishBook } from './calls/wishes.js'
import { createCatalogs } from './catalogs/catalogs.js'
import { systemClock } from './clock.js'
import { createParser } from './config/parse.js'
import { createMask } from './config/secrets.js'
import { failure } from './errors.js'
import type { ServerStateName } from './events.js'
import { createServerMachine } from './machines/server.js'
import { createSupervisorMachine } from './machines/supervisor.js'
import { type ConnectionInput, type EntryRef, type ServerIdentity, actorId } from './messages.js'
import type { AuthorizationPort } from './supervisor/authorization.js'
import { broken } from './supervisor/broken.js'
import { createCalls } from './supervisor/calls.js'
import { maxStarting, telemetryOf, watchedPath } from './supervisor/checked-options.js'
import { createCloser } from './supervisor/closer.js'
import { createDefinitions, resolved } from './supervisor/definitions.js'
import { createEraMemory } from './supervisor/era-memory.js'
import { createEventBus } from './supervisor/event-bus.js'
import { createFacade } from './supervisor/facade.js'
import { createFileReloads } from './supervisor/file-reloads.js'
import { createHistory } from './supervisor/history.js'
import { harmlessInspector, reportTo } from './supervisor/harmless.js'
import { logEvents } from './supervisor/log.js'
import { about, callSettled, stateChanged } from './supervisor/notices.js'
import { createPatientClock } from './supervisor/patient-clock.js'
import { createKnownCatalog } from './supervisor/known-catalog.js'
import { createLeases } from './supervisor/leases.js'
import { createListings } from './supervisor/listings.js'
import { createReloads } from './supervisor/reloads.js'
import { createServers } from './supervisor/servers.js'
import { createSessions } from './supervisor/sessions.js'
import { createTraces } from './supervisor/traces.js'
import { version } from './version.js'

/**
 * Creates a supervisor for a configuration `{ mcpServers }`. Nothing is spawned or opened until a server is used, unless
 * its entry says `start: "eager"`. An invalid entry is `failed` and keeps no other from working.
 *
 * This is the only file that sees both the machines, which decide, and the actors, which do.
 * @throws `CONFIG_INVALID` only when the top level, `options.defaults`, `maxStarting` or `telemetry` has the wrong shape, or
 *   `options.watch` has no `options.configPath`
 */
export function createSupervisor(config: unknown, options: SupervisorOptions = {}): Supervisor {
  const parse = createParser({ defaults: options.defaults })
  const parsed = parse(config)
  const clock = createPatientClock(options.clock ?? systemClock)
  const listenerFailed = reportTo(options.logger)
  const bus = createEventBus(listenerFailed)
  if (options.logger) logEvents(bus, options.logger)

  const endings = createEndings()
  const outputs = createOutputValidator(clock)
  const eras = createEraMemory()
  const wishes = createWishBook()
  const history = createHistory()
  const definitions = createDefinitions(() => ({
    env: options.env ?? process.env,
    inputs: options.inputs,
    configPath: options.configPath,
  }))
  const { now } = clock
  const knowledge = createCatalogs({ store: options.catalogStore, digests: definitions, now, emit: bus.emit })
  const { documents, catalogs, pins } = knowledge
  const listings = createListings({ emit: bus.emit, now: clock.now, catalogs, pins })
  const ledger = createLedger({
    clock,
    withdraw: (carrier, event) => servers.actor(carrier)?.send(event),
    settled(call) {
      if (call.failure) history.failed(call, clock.now())
      if (bus.hears('call.settled')) bus.emit(callSettled(call))
    },
  })

  const telemetry = telemetryOf(options)
  const traces = createTraces({ telemetry, traceOf: (id) => ledger.terms(id)?.trace, failed: listenerFailed })

  const states = new Map<string, ServerStateName>()
  const serverMachine = createServerMachine({
    now: clock.now,
    random: Math.random,
    announce(state, context) {
      const id = actorId(context)
      const entered = stateChanged(states.get(id) ?? null, state, clock.now(), context)
      history.entered(entered, context)
      traces.entered(state, context)
      bus.emit(entered)
      states.set(id, state)
      if (state !== 'closed') return
      states.delete(id)
      // What was stopped may be started again, and is asked for the same then.
      if (context.lease !== undefined || !servers.halted.has(context.name)) wishes.forget(context)
      if (context.lease !== undefined) return
      listings.forget(context.name)
      authorizations.drop(context.name)
      catalogs.forget(context.name)
    },
    refuse: (callId, of) => ledger.fail(callId, of),
    lastWords: endings.lastWords,
    prepare: fromPrepare(async ({ entry, lease }) => {
      // A lease is as its server is: what that runs with is not looked up anew.
      const resolution = await (lease === undefined ? definitions.prepare(entry.id) : definitions.resolve(entry.id))
      resolved(resolution)
    }),
    connection: fromConnection({
      ledger,
      clock,
      endings,
      openSession,
      slots: createStartSlots(maxStarting(options)),
      outputs,
      clientInfo: options.clientInfo ?? { name: 'mcpvisor', version },
      handlers: (of) => ({ ...options.handlers, ...leases.handlers(of) }),
      wishes: wishes.of,
      transport,
      notice,
    }),
  })

  const authorizations = createAuthorizations({
    store: options.tokenStore ?? createMemoryTokenStore(),
    now: clock.now,
    tell: bus.emit,
  })

  /** What authorizes a server; undefined for one over stdio, or whose headers say how it is let in. */
  async function authorizerOf(name: string, { id, policy }: EntryRef) {
    const { digest, entry } = resolved(await definitions.resolve(id))
    const { endpoint, oauth } = entry
    if (endpoint.transport === 'stdio') return undefined
    return authorizations.of(name, { digest, endpoint, oauth, connectTimeoutMs: policy.connectTimeoutMs })
  }

  const authorization: AuthorizationPort = {
    ...authorizations,
    async logout(name) {
      const authorizer = await authorizerOf(name, servers.find({ name }).entry)
      return (await authorizer?.logout()) ?? { revoked: false }
    },
  }

  async function transport(input: ConnectionInput) {
    const { name, entry } = input
    const { id, policy } = entry
    const subject = about(input)
    const resolution = resolved(await definitions.resolve(id))
    const { endpoint, secrets, protocolEra: configured = 'auto', ...filter } = resolution.entry
    const authorizer = await authorizerOf(name, entry)
    const maskEntry = createMask(secrets)
    const mask = authorizer ? (text: string) => authorizer.mask(maskEntry(text)) : maskEntry
    if (input.lease === undefined) catalogs.begin(input, resolution.digest, mask)
    const made = await openTransport(endpoint, {
      server: name,
      shutdownTimeoutMs: policy.shutdownTimeoutMs,
      mask,
      credentials: authorizer?.credentials(),
      observer: {
        stderr(line) {
          history.wrote(input, { at: clock.now(), line })
          bus.emit({ type: 'stderr.written', ...subject, line })
        },
        violation: (kind, detail) => bus.emit({ type: 'protocol.violated', ...subject, detail: `${kind}: ${detail}` }),
      },
    })
    const tracing = traces.session(input, endpoint, made, mask)
    const era = { configured, ...eras.of(name, resolution.digest) }
    return { transport: made, filter, mask, tracing, era, gate: pins.gate(input, mask) }
  }

  function notice(server: ConnectionInput, of: ConnectionNotice): void {
    const subject = about(server)
    // The catalogue of a server is what all its callers share: a lease adds nothing to it.
    const isShared = server.lease === undefined
    if (of.type === 'notified') {
      const { origin, method, params } = of
      bus.emit({ type: 'notification.received', ...subject, origin, method, params })
    } else if (of.type === 'violated') {
      bus.emit({ type: 'protocol.violated', ...subject, detail: of.detail })
    } else if (of.type === 'restored') {
      bus.emit({ ...of, ...subject, type: 'session.restored' })
    } else if (of.type === 'opened') {
      traces.opened(server, of.protocolVersion)
      if (isShared) catalogs.introduced(server, of)
    } else if (of.type === 'items.listed') {
      if (isShared) catalogs.itemsListed(server, of.method, of.items)
    } else {
      listings.heard(server, of)
    }
  }

  /** What no actor is left to do: end the processes and settle the calls of a server whose machine broke. */
  function abandon(server: ServerIdentity | undefined, error: unknown): void {
    endings.killAll(server)
    ledger.failAll(server, (delivered) => broken(server?.name, delivered))
    bus.emit({ type: 'server.crashed', ...about(server ?? { name: '*' }), message: String(error) })
  }

  function followed(path: string) {
    const changed = createFileReloads({ path, config, reload: (wanted) => supervisor.reload(wanted), emit: bus.emit })
    return { watcher: fromWatcher({ path, clock }), changed }
  }

  const path = watchedPath(options)
  const file = path === undefined ? {} : { file: followed(path) }
  const root = createActor(createSupervisorMachine({ server: serverMachine, crashed: abandon, ...file }), {
    clock,
    ...(options.inspect && { inspect: harmlessInspector(options.inspect, listenerFailed) }),
  })
  root.subscribe({ error: (error) => abandon(undefined, error) })
  const servers = createServers(root)
  const isClosing = () => !root.getSnapshot().matches('running')
  const leases = createLeases({
    root,
    servers,
    async settled(of) {
      await endings.settled(of)
      return endings.failure(of)
    },
    forget: endings.forget,
  })
  const sessions = createSessions({ root, servers, ledger, leases })
  const reloads = createReloads({ root, servers, definitions, parse, applied: sessions.follow })
  const calls = createCalls({
    servers,
    sessions,
    ledger,
    clock,
    isClosing,
    traces,
    authorization,
    annotations: listings.annotations,
    listenerFailed,
  })
  const close = createCloser({
    root,
    servers,
    closing: sessions.stop,
    ended: async () => {
      await Promise.all([endings.settled(), documents.settled(), outputs.close()])
      return endings
    },
    failCalls: () =>
      ledger.failAll(undefined, (delivered) => failure('SHUTDOWN', 'The supervisor is closed', { delivered })),
    closed(report) {
      authorizations.close()
      bus.emit({ type: 'supervisor.closed', report })
    },
  })

  const supervisor = createFacade({
    root,
    servers,
    calls,
    leases,
    reloads,
    ledger,
    clock,
    bus,
    history,
    authorization,
    wishes,
    catalog: createKnownCatalog({ servers, catalogs, pins }),
    pins,
    close,
  })
  root.start()
  reloads.start(parsed)
  return supervisor
}

/**
 * Kills the server processes of every supervisor in this process, now: for a host that exits in the same breath. Calls are
 * not settled; use `close` whenever there is time.
 */
export function killAll(): void {
  for (const group of livingGroups()) group.signal('SIGKILL')
}
