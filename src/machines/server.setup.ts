import { type CallbackActorLogic, assign, enqueueActions, sendParent, sendTo, setup } from 'xstate'

import { queueFull } from '../calls/queue-full.js'
import { longestDelayMs } from '../config/defaults.js'
import { type Failure, failure } from '../errors.js'
import type { ServerStateName } from '../events.js'
import {
  type ConnectionCommand,
  type ConnectionInput,
  type PrepareInput,
  type ServerIdentity,
  identityOf,
} from '../messages.js'
import { backoffMs, cooldownMs } from './backoff.js'
import { intensityExceeded, recordRestart } from './restart-intensity.js'
import {
  type ServerContext,
  type ServerInput,
  isOfConfiguration,
  isPermanent,
  brokenCircuit,
  terminated,
  unavailable,
} from './server.context.js'
import type { ServerEvent, ServerReport } from './server.events.js'

/** What the machine needs of the world: time, chance, the two actors that do I/O, and two ears. */
export interface ServerPorts {
  now(): number
  /** A number in [0, 1). */
  random(): number
  /** Hears every state entered, `timedOut` included. */
  announce(state: ServerStateName, context: ServerContext): void
  /** Fails a call that the server will not carry. */
  refuse(callId: number, of: Failure): void
  /** The end of what the process of a server has written to stderr; empty when there is nothing. */
  lastWords?(server: ServerIdentity): string
  /** Resolves the placeholders of an entry; reports `entry.resolved` or `entry.unresolved`. */
  readonly prepare: CallbackActorLogic<{ type: string }, PrepareInput>
  /** Holds one transport and one session for as long as the server is `live`. */
  readonly connection: CallbackActorLogic<ConnectionCommand, ConnectionInput>
}

/** Names every action, guard and delay of the server's chart. Actions are total: whatever the event, none throws. */
export function setUpServer(ports: ServerPorts) {
  const freshStart = { attempt: 0, failures: 0, trips: 0, restartTimes: [], error: null, nextRetryAt: null }

  return setup({
    types: {
      context: {} as ServerContext,
      events: {} as ServerEvent,
      input: {} as ServerInput,
    },
    actors: { prepare: ports.prepare, connection: ports.connection },
    actions: {
      announce: ({ context }, { state }: { state: ServerStateName }) => ports.announce(state, context),
      stamp: assign({ since: () => ports.now() }),
      enqueue: assign({
        queue: ({ context, event }) => ('callId' in event ? [...context.queue, event.callId] : context.queue),
      }),
      dequeue: assign({
        queue: ({ context, event }) => context.queue.filter((id) => !('callId' in event) || id !== event.callId),
      }),
      requeueUnsent: assign({
        queue: ({ context, event }) => ('unsent' in event ? [...event.unsent, ...context.queue] : context.queue),
      }),
      flushQueue: enqueueActions(({ context, enqueue }) => {
        for (const callId of context.queue) enqueue.sendTo('connection', { type: 'call', callId })
        enqueue.assign({ queue: [] })
      }),
      relay: sendTo('connection', ({ event }) => event as ConnectionCommand),
      relayConnect: sendTo('connection', ({ event }) => ({ ...event, type: 'call' }) as ConnectionCommand),
      refuseFull: ({ context, event }) => {
        if ('callId' in event) ports.refuse(event.callId, queueFull(context.name, context.entry.policy.maxQueue))
      },
      refuseUnavailable: ({ context, event }) => {
        if ('callId' in event) ports.refuse(event.callId, unavailable(context))
      },
      refuseStopped: ({ context, event }) => {
        if ('callId' in event) ports.refuse(event.callId, terminated(context))
      },
      failQueue: enqueueActions(({ context, enqueue }) => {
        const of = context.closing?.then === 'stop' ? terminated(context) : brokenCircuit(context)
        for (const callId of context.queue) ports.refuse(callId, of)
        enqueue.assign({ queue: [] })
      }),
      startAttempt: assign({
        generation: ({ context }) => context.generation + 1,
        attempt: ({ context }) => context.attempt + 1,
        nextRetryAt: null,
      }),
      recordUp: assign(({ event }) => {
        if (event.type !== 'connection.up') return {}
        const { type: _, ...connection } = event
        return { connection, attempt: 0, error: null }
      }),
      recordListing: assign(({ context, event }) =>
        event.type === 'tools.listed' && context.connection
          ? { connection: { ...context.connection, tools: event.tools } }
          : {},
      ),
      recordFailure: assign(({ context, event }) => ({
        error: 'failure' in event ? { ...event.failure, attempt: context.attempt } : context.error,
        failures: context.failures + 1,
        connection: null,
      })),
      recordTimeout: assign(({ context }) => ({
        error: connectTimeout(context, ports.lastWords?.(context) ?? ''),
        failures: context.failures + 1,
        connection: null,
      })),
      recordLoss: assign(({ context, event }) => {
        const now = ports.now()
        const isStable = now - context.since >= context.entry.policy.stableAfterMs
        return {
          error: 'failure' in event ? event.failure : context.error,
          failures: isStable ? 1 : context.failures + 1,
          trips: isStable ? 0 : context.trips,
          restarts: context.restarts + 1,
          restartTimes: recordRestart(context.restartTimes, now, context.entry.policy.restartPeriodMs),
          connection: null,
        }
      }),
      recordInvalid: assign(({ context, event }) => ({
        error: 'failure' in event ? event.failure : (context.entry.invalid ?? null),
      })),
      scheduleRetry: assign(({ context }) => {
        const delayMs = retryDelay(context, ports.random)
        return { delayMs, nextRetryAt: ports.now() + delayMs }
      }),
      openCircuit: assign(({ context }) => {
        const trips = context.trips + 1
        const delayMs = Math.min(
          Math.max(cooldownMs(context.entry.policy, trips), context.error?.retryAfterMs ?? 0),
          longestDelayMs,
        )
        return { trips, delayMs, nextRetryAt: context.error?.retryable ? ports.now() + delayMs : null }
      }),
      limitToProbe: assign({ attempt: ({ context }) => context.entry.policy.retries }),
      startAfresh: assign(freshStart),
      replaceEntry: assign(({ event }) => (event.type === 'reconfigure' ? { ...freshStart, entry: event.entry } : {})),
      holdEntry: assign(({ context, event }) => ({
        nextEntry: event.type === 'reconfigure' ? event.entry : context.nextEntry,
        closing: { then: 'adopt' as const },
      })),
      closeToAdopt: assign({ closing: { then: 'adopt' as const } }),
      closeToRest: assign({ closing: { then: 'rest' as const } }),
      closeToStop: assign(({ context, event }) =>
        event.type === 'stop'
          ? { closing: { then: 'stop' as const, reason: event.reason } }
          : { closing: context.closing },
      ),
      finishClosing: assign(({ context }) => ({
        entry: context.nextEntry ?? context.entry,
        nextEntry: null,
        closing: null,
        connection: null,
        // A server that merely rests is not forgiven: giving up a call must not be a way around the back-off.
        ...(context.closing?.then === 'rest' ? { attempt: 0, nextRetryAt: null } : freshStart),
      })),
      reportAdopted: sendParent(({ context }): ServerReport => ({
        type: 'server.adopted',
        ...identityOf(context),
        entryId: context.entry.id,
        ...(context.error && { error: context.error.message }),
      })),
    },
    guards: {
      isInvalid: ({ context }) => context.entry.invalid !== undefined,
      isWanted: ({ context }) => context.queue.length > 0 || context.entry.policy.start === 'eager',
      hasWaiting: ({ context }) => context.queue.length > 0,
      isQueueFull: ({ context }) => context.queue.length >= context.entry.policy.maxQueue,
      isLastWaiting: ({ context: { queue, entry }, event }) =>
        // One that starts eagerly was not started for its callers.
        entry.policy.start === 'lazy' && 'callId' in event && queue.length === 1 && queue[0] === event.callId,
      isPermanent: ({ event }) => 'failure' in event && isPermanent(event.failure),
      isOfConfiguration: ({ context }) => isOfConfiguration(context.error),
      retriesExhausted: ({ context }) => context.attempt > context.entry.policy.retries,
      restartsExhausted: ({ context }) => intensityExceeded(context.restartTimes, ports.now(), context.entry.policy),
      mayProbe: ({ context }) => context.error?.retryable === true,
      isStopping: ({ context }) => context.closing?.then === 'stop',
      isResting: ({ context }) => context.closing?.then === 'rest',
    },
    delays: {
      connectDeadline: ({ context }) => context.entry.policy.connectTimeoutMs,
      backoff: ({ context }) => context.delayMs,
      cooldown: ({ context }) => context.delayMs,
      drainDeadline: ({ context }) => context.entry.policy.drainTimeoutMs,
      terminateDeadline: ({ context }) => Math.min(3 * context.entry.policy.shutdownTimeoutMs + 2_000, longestDelayMs),
    },
  })
}

/** The first restart after a stable time is at once; after that each failure in a row doubles the wait. */
function retryDelay({ attempt, failures, error, entry }: ServerContext, random: () => number): number {
  const isFirstLoss = attempt === 0 && failures === 1
  const nth = attempt === 0 ? failures - 1 : failures
  const backoff = isFirstLoss ? 0 : backoffMs(entry.policy, nth, random)
  return Math.min(Math.max(backoff, error?.retryAfterMs ?? 0), longestDelayMs)
}

function connectTimeout({ name, attempt, entry }: ServerContext, stderrTail: string): Failure {
  return failure('CONNECT_TIMEOUT', `Server "${name}" was not ready within ${entry.policy.connectTimeoutMs} ms`, {
    server: name,
    phase: 'connect',
    attempt,
    ...(stderrTail && { stderrTail }),
  })
}
