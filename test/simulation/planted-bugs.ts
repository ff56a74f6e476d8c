import { assign, enqueueActions } from 'xstate'

import { createEndings } from '../../src/actors/endings.js'
import { createLedger } from '../../src/calls/ledger.js'
import type { Sabotage } from '../support/sim-world.js'

const never = 2 ** 31 - 1
const nothing = () => undefined

/** Bugs that the simulation must see, each made by changing one thing of the machines or of what they stand on. */
export const plantedBugs: Record<string, Sabotage> = {
  'the queue has no limit': { server: (machine) => machine.provide({ guards: { isQueueFull: () => false } }) },
  'calls that were given up stay in the queue': {
    server: (machine) => machine.provide({ actions: { dequeue: nothing } }),
  },
  'calls that wait are forgotten when the circuit opens': {
    server: (machine) => machine.provide({ actions: { failQueue: nothing } }),
  },
  'calls that wait are forgotten when the connection is up': {
    server: (machine) => machine.provide({ actions: { flushQueue: nothing } }),
  },
  'calls that never left are dropped': {
    server: (machine) => machine.provide({ actions: { requeueUnsent: nothing } }),
  },
  'calls to an open circuit are not refused': {
    server: (machine) => machine.provide({ actions: { refuseUnavailable: nothing } }),
  },
  'connects to a ready server are lost': {
    server: (machine) => machine.provide({ actions: { relayConnect: nothing } }),
  },
  'cancels are not relayed': { server: (machine) => machine.provide({ actions: { relay: nothing } }) },
  'retries have no end': { server: (machine) => machine.provide({ guards: { retriesExhausted: () => false } }) },
  'restarts have no end': { server: (machine) => machine.provide({ guards: { restartsExhausted: () => false } }) },
  'restarts are not counted': {
    server: (machine) =>
      machine.provide({ guards: { restartsExhausted: ({ context }) => context.restartTimes.length > 20 } }),
  },
  'a probe is a whole series of attempts': {
    server: (machine) => machine.provide({ actions: { limitToProbe: nothing } }),
  },
  'permanent failures are retried': { server: (machine) => machine.provide({ guards: { isPermanent: () => false } }) },
  'permanent failures are probed': { server: (machine) => machine.provide({ guards: { mayProbe: () => true } }) },
  'there is no back-off': { server: (machine) => machine.provide({ delays: { backoff: 0 } }) },
  'back-off ignores Retry-After': { server: (machine) => machine.provide({ delays: { backoff: 60 } }) },
  'the circuit closes too early': { server: (machine) => machine.provide({ delays: { cooldown: 10 } }) },
  'the cool-down does not grow': { server: (machine) => machine.provide({ delays: { cooldown: 150 } }) },
  'an attempt has no deadline': { server: (machine) => machine.provide({ delays: { connectDeadline: never } }) },
  'draining has no deadline': { server: (machine) => machine.provide({ delays: { drainDeadline: never } }) },
  'terminating has no deadline': { server: (machine) => machine.provide({ delays: { terminateDeadline: never } }) },
  'a stop does not stop': { server: (machine) => machine.provide({ guards: { isStopping: () => false } }) },
  'the next entry is not kept while the old one closes': {
    server: (machine) => machine.provide({ actions: { holdEntry: assign({ closing: { then: 'adopt' as const } }) } }),
  },
  'an adopted entry is not reported': { server: (machine) => machine.provide({ actions: { reportAdopted: nothing } }) },
  'a changed entry is not taken': { server: (machine) => machine.provide({ actions: { replaceEntry: nothing } }) },
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
  'sent calls are not marked': { ledger: (ports) => ({ ...createLedger(ports), sent: nothing }) },
  'unsent calls stay marked as sent': { ledger: (ports) => ({ ...createLedger(ports), unsent: nothing }) },
  'servers are not told of calls given up': { ledger: (ports) => createLedger({ ...ports, withdraw: nothing }) },
  'calls have no deadline': {
    ledger: (ports) => createLedger({ ...ports, clock: { ...ports.clock, setHeldTimeout: nothing } }),
  },
  'closed servers are kept': { supervisor: (machine) => machine.provide({ actions: { forgetEnded: nothing } }) },
  'reloads are not settled': { supervisor: (machine) => machine.provide({ actions: { settleReloads: nothing } }) },
  'closed leases live on': { supervisor: (machine) => machine.provide({ actions: { releaseLease: nothing } }) },
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
  'a call that was given up is told to the wrong actor': {
    ledger: (ports) => ({ ...createLedger(ports), hand: nothing }),
  },
  'crashed servers are not spawned anew': {
    supervisor: (machine) => machine.provide({ actions: { respawnChild: nothing } }),
  },
}
