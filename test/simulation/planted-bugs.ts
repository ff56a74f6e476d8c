import { assign, enqueueActions } from 'xstate'

import { createEndings } from '../../src/actors/endings.js'
import { type Ledger, type LedgerPorts, createLedger } from '../../src/calls/ledger.js'
import type { Sabotage } from '../support/sim-world.js'

const never = 2 ** 31 - 1
const nothing = () => undefined

/** The machines with one action that does nothing, one guard that always says the same, one delay of another length. */
const server = {
  without: (action: string): Sabotage => ({ server: (it) => it.provide({ actions: { [action]: nothing } }) }),
  always: (guard: string): Sabotage => ({ server: (it) => it.provide({ guards: { [guard]: () => true } }) }),
  never: (guard: string): Sabotage => ({ server: (it) => it.provide({ guards: { [guard]: () => false } }) }),
  after: (delay: string, ms: number): Sabotage => ({ server: (it) => it.provide({ delays: { [delay]: ms } }) }),
}
const supervisor = {
  without: (action: string): Sabotage => ({ supervisor: (it) => it.provide({ actions: { [action]: nothing } }) }),
  always: (guard: string): Sabotage => ({ supervisor: (it) => it.provide({ guards: { [guard]: () => true } }) }),
  never: (guard: string): Sabotage => ({ supervisor: (it) => it.provide({ guards: { [guard]: () => false } }) }),
}
const ledger = (change: (of: Ledger) => Partial<Ledger>, ports: Partial<LedgerPorts> = {}): Sabotage => ({
  ledger(given) {
    const of = createLedger({ ...given, ...ports })
    return { ...of, ...change(of) }
  },
})

/** Bugs that the simulation must see, each made by changing one thing of the machines or of what they stand on. */
export const plantedBugs: Record<string, Sabotage> = {
  'the queue has no limit': server.never('isQueueFull'),
  'the queue is always full': server.always('isQueueFull'),
  'calls that find the queue full are forgotten': server.without('refuseFull'),
  'calls are not queued': server.without('enqueue'),
  'calls that were given up stay in the queue': server.without('dequeue'),
  'calls that wait are forgotten when the circuit opens': server.without('failQueue'),
  'calls that wait are forgotten when the connection is up': server.without('flushQueue'),
  'calls that never left are dropped': server.without('requeueUnsent'),
  'calls to an open circuit are not refused': server.without('refuseUnavailable'),
  'connects to a ready server are lost': server.without('relayConnect'),
  'cancels are not relayed': server.without('relay'),
  'an invalid entry is taken': server.never('isInvalid'),
  'a valid entry is taken for an invalid one': server.always('isInvalid'),
  'servers that are wanted from the start wait for their first call': server.never('isWanted'),
  'servers start before anybody needs them': server.always('isWanted'),
  'a call that comes at the wrong moment starts nothing': server.never('hasWaiting'),
  'an attempt goes on for nobody': server.never('isLastWaiting'),
  'whoever gives up a call ends the attempt for the others': server.always('isLastWaiting'),
  'retries have no end': server.never('retriesExhausted'),
  'the first attempt is the last': server.always('retriesExhausted'),
  'attempts are not counted': server.without('startAttempt'),
  'attempts are counted on when the connection is up': server.without('recordUp'),
  'attempts are counted on after a connect': server.without('startAfresh'),
  'failures are not counted': server.without('recordFailure'),
  'timeouts are not counted': server.without('recordTimeout'),
  'losses are not counted': server.without('recordLoss'),
  'the time of a state is that of the first': server.without('stamp'),
  'why an entry is not used is forgotten': server.without('recordInvalid'),
  'restarts have no end': server.never('restartsExhausted'),
  'the first loss is the last': server.always('restartsExhausted'),
  'restarts are not counted': {
    server: (machine) =>
      machine.provide({ guards: { restartsExhausted: ({ context }) => context.restartTimes.length > 20 } }),
  },
  'a probe is a whole series of attempts': server.without('limitToProbe'),
  'permanent failures are retried': server.never('isPermanent'),
  'all failures are permanent': server.always('isPermanent'),
  'permanent failures are probed': server.always('mayProbe'),
  'an open circuit is never probed': server.never('mayProbe'),
  'an entry that could not be resolved is used': server.never('isOfConfiguration'),
  'there is no back-off': server.after('backoff', 0),
  'back-off is not set': server.without('scheduleRetry'),
  'back-off ignores Retry-After': server.after('backoff', 60),
  'the circuit closes too early': server.after('cooldown', 10),
  'the cool-down does not grow': server.after('cooldown', 150),
  'the cool-down is not set': server.without('openCircuit'),
  'an attempt has no deadline': server.after('connectDeadline', never),
  'draining has no deadline': server.after('drainDeadline', never),
  'terminating has no deadline': server.after('terminateDeadline', never),
  'a stop does not stop': server.never('isStopping'),
  'a stop is forgotten': server.without('closeToStop'),
  'a restart is forgotten': server.without('closeToAdopt'),
  'a rest is forgotten': server.without('closeToRest'),
  'a rest is a restart': server.never('isResting'),
  'a restart is a rest': server.always('isResting'),
  'what was closed stays closing': server.without('finishClosing'),
  'a rest is a way around the back-off': {
    server: (machine) =>
      machine.provide({
        actions: {
          finishClosing: assign(({ context }) => ({
            entry: context.nextEntry ?? context.entry,
            ...{ nextEntry: null, closing: null, connection: null },
            ...{ attempt: 0, failures: 0, trips: 0, restartTimes: [], error: null, nextRetryAt: null },
          })),
        },
      }),
  },
  'a state is not told': {
    server(machine) {
      const { announce } = machine.implementations.actions as Record<string, (...args: unknown[]) => void>
      const tell = (args: unknown, params: { state: string }) =>
        params.state === 'retrying' ? undefined : announce?.(args, params)
      return machine.provide({ actions: { announce: tell } })
    },
  },
  'the next entry is not kept while the old one closes': {
    server: (machine) => machine.provide({ actions: { holdEntry: assign({ closing: { then: 'adopt' as const } }) } }),
  },
  'an adopted entry is not reported': server.without('reportAdopted'),
  'a changed entry is not taken': server.without('replaceEntry'),
  'equal servers are replaced': { digest: (entryId) => entryId },
  'changed servers are kept': { digest: (entryId) => entryId.split('#')[0] ?? '' },
  'calls go to the old connection while it drains': {
    server: (machine) =>
      machine.provide({
        actions: {
          enqueue: enqueueActions(({ context, event, enqueue }) => {
            if (!('callId' in event)) return
            const { callId } = event
            if (context.closing) enqueue.sendTo('connection', { type: 'call', callId })
            else enqueue.assign({ queue: [...context.queue, callId] })
          }),
        },
      }),
    connection: (logic) => ({
      ...logic,
      transition: (state, event, scope) => (event.type === 'drain' ? state : logic.transition(state, event, scope)),
    }),
  },
  'a connection opens before the last one is gone': {
    endings: () => ({ ...createEndings(), settled: async () => undefined }),
  },
  'a hard stop ends nothing': { endings: () => ({ ...createEndings(), kill: nothing }) },
  'a call settles twice': {
    ledger: (ports) =>
      createLedger({ ...ports, settled: (call) => [call, call].forEach((twice) => ports.settled?.(twice)) }),
  },
  'answers are dropped': ledger(() => ({ succeed: nothing })),
  'failures are dropped': ledger(() => ({ fail: nothing })),
  'sent calls are not marked': ledger(() => ({ sent: nothing })),
  'unsent calls stay marked as sent': ledger(() => ({ unsent: nothing })),
  'progress is not heard': ledger(() => ({ progress: nothing })),
  'progress has no cap': ledger(({ open }) => ({
    open: (of, work, terms) => open(of, work, { ...terms, capMs: never }),
  })),
  'aborts are not heard': ledger(({ open }) => ({
    open: (of, work, terms) => open(of, work, { ...terms, signal: undefined }),
  })),
  'calls of a server that broke are forgotten': ledger(() => ({ failAll: nothing })),
  'calls are not counted': ledger(() => ({ counts: () => ({ queued: 0, inFlight: 0 }) })),
  'servers are not told of calls given up': ledger(() => ({}), { withdraw: nothing }),
  'calls have no deadline': {
    ledger: (ports) => createLedger({ ...ports, clock: { ...ports.clock, setHeldTimeout: nothing } }),
  },
  'a call that was given up is told to the wrong actor': ledger(() => ({ hand: nothing })),
  'reloads change nothing': supervisor.without('applyReload'),
  'reloads are not settled': supervisor.without('settleReloads'),
  'adopted entries are not noted': supervisor.without('recordAdoption'),
  'closed servers are kept': supervisor.without('forgetEnded'),
  'the actors of closed servers are kept': supervisor.without('reap'),
  'a close stops nothing': supervisor.without('stopAll'),
  'a close has no end': supervisor.never('isEmpty'),
  'a close waits for nobody': supervisor.always('isEmpty'),
  'leases are not opened': supervisor.without('spawnLease'),
  'leases are always refused': supervisor.never('isServed'),
  'closed leases live on': supervisor.without('releaseLease'),
  'leases do not follow their server': {
    server: (machine) =>
      machine.provide({
        actions: {
          replaceEntry: assign(({ context, event }) =>
            event.type === 'reconfigure' && context.lease === undefined ? { entry: event.entry } : {},
          ),
        },
      }),
  },
  'calls that wait for a session do not follow a reload': {
    sessions: (sessions) => ({ ...sessions, follow: nothing }),
  },
  'calls that wait for a session outlive the supervisor': {
    sessions: (sessions) => ({ ...sessions, stop: nothing }),
  },
  'crashed servers are not reported': supervisor.without('reportCrash'),
  'crashed servers leave their connection behind': supervisor.without('endOrphan'),
  'crashed servers are not spawned anew': supervisor.without('respawnChild'),
  'servers that crash on their way out are kept': supervisor.without('forgetBroken'),
}
