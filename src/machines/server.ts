import { sendTo } from 'xstate'

import { identityOf } from '../messages.js'
import { initialContext, terminated } from './server.context.js'
import { type ServerPorts, setUpServer } from './server.setup.js'

/** What ends an opening from outside: the last caller leaves, or the configuration changes. */
const opening = {
  cancel: [
    { guard: 'isLastWaiting', target: 'closing.terminating', actions: ['dequeue', 'closeToRest'] },
    { actions: 'dequeue' },
  ],
  restart: { target: 'closing.terminating', actions: ['enqueue', 'closeToAdopt'] },
  reconfigure: { target: 'closing.terminating', actions: 'holdEntry' },
  stop: { target: 'closing.terminating', actions: ['closeToStop', 'failQueue'] },
} as const

/**
 * The life of one supervised server, as an XState machine.
 *
 * `uninitialized → idle → connecting → ready`, with `timedOut`, `retrying` and `failed` as the ways a connection goes
 * wrong, and `closing → closed` as the way out. Calls are events: they wait in the queue of any state that may still
 * lead to `ready`, go straight through in `ready`, and are refused at once in `failed`.
 */
export function createServerMachine(ports: ServerPorts) {
  return setUpServer(ports).createMachine({
    id: 'server',
    context: ({ input }) => initialContext(input, ports.now()),
    initial: 'uninitialized',
    on: {
      call: [{ guard: 'isQueueFull', actions: 'refuseFull' }, { actions: 'enqueue' }],
      cancel: { actions: 'dequeue' },
      'queue.expired': { actions: 'dequeue' },
      connect: { actions: 'enqueue' },
      probe: { actions: 'enqueue' },
      restart: { target: '.uninitialized', reenter: true, actions: ['startAfresh', 'enqueue'] },
      reconfigure: { target: '.uninitialized', reenter: true, actions: 'replaceEntry' },
      stop: { target: '.closed', actions: 'closeToStop' },
    },
    states: {
      uninitialized: {
        description: 'The configuration is being resolved: placeholders, secrets.',
        entry: ['stamp', { type: 'announce', params: { state: 'uninitialized' } }],
        invoke: {
          id: 'prepare',
          src: 'prepare',
          input: ({ context }) => ({ ...identityOf(context), entry: context.entry }),
        },
        always: { guard: 'isInvalid', target: 'failed', actions: ['recordInvalid', 'reportAdopted'] },
        on: {
          'entry.resolved': [
            { guard: 'isWanted', target: 'live', actions: 'reportAdopted' },
            { target: 'idle', actions: ['reportAdopted', 'startAfresh'] },
          ],
          'entry.unresolved': { target: 'failed', actions: ['recordInvalid', 'reportAdopted'] },
          probe: { actions: ['limitToProbe', 'enqueue'] },
        },
      },
      idle: {
        description: 'Resolved; no process, no connection; waits for the first use.',
        entry: ['stamp', { type: 'announce', params: { state: 'idle' } }],
        always: { guard: 'hasWaiting', target: 'live' },
        on: { probe: { target: 'live', actions: ['limitToProbe', 'enqueue'] } },
      },
      live: {
        description: 'One connection is held, from its opening to its end. Leaving this state is the hard stop.',
        entry: ['startAttempt', 'stamp', { type: 'announce', params: { state: 'connecting' } }],
        invoke: {
          id: 'connection',
          src: 'connection',
          input: ({ context }) => {
            const { entry, generation, attempt } = context
            return { ...identityOf(context), entry, generation, attempt }
          },
        },
        initial: 'connecting',
        on: {
          restart: { target: '.closing', actions: ['enqueue', 'closeToAdopt'] },
          reconfigure: { target: '.closing', actions: 'holdEntry' },
          stop: { target: '.closing', actions: ['closeToStop', 'failQueue'] },
          'tools.listed': { actions: 'recordListing' },
        },
        states: {
          connecting: {
            description: 'Spawn or open, handshake, first listing; calls wait.',
            after: { connectDeadline: '#server.timedOut' },
            on: {
              ...opening,
              'connection.waiting': 'waiting',
              'connection.up': { target: 'ready', actions: 'recordUp' },
              'connection.failed': [
                { guard: 'isPermanent', target: '#server.failed', actions: 'recordFailure' },
                { guard: 'retriesExhausted', target: '#server.failed', actions: 'recordFailure' },
                { target: '#server.retrying', actions: 'recordFailure' },
              ],
            },
          },
          waiting: {
            description: 'The process before still ends, or others are starting: the deadline begins with the turn.',
            on: { ...opening, 'connection.admitted': 'connecting' },
          },
          ready: {
            description: 'Handshake and listing done; calls go straight through.',
            entry: ['stamp', { type: 'announce', params: { state: 'ready' } }, 'flushQueue'],
            on: {
              call: { actions: 'relay' },
              cancel: { actions: 'relay' },
              'queue.expired': { actions: 'relay' },
              connect: { actions: 'relayConnect' },
              probe: { actions: 'relayConnect' },
              'connection.lost': [
                { guard: 'isPermanent', target: '#server.failed', actions: ['requeueUnsent', 'recordLoss'] },
                { guard: 'restartsExhausted', target: '#server.failed', actions: ['requeueUnsent', 'recordLoss'] },
                { target: '#server.retrying', actions: ['requeueUnsent', 'recordLoss'] },
              ],
              'connection.unused': { target: 'closing', actions: 'closeToRest' },
            },
          },
          closing: {
            description: 'Calls in flight may finish, then the transport is ended; each with a deadline.',
            entry: ['stamp', { type: 'announce', params: { state: 'closing' } }],
            initial: 'draining',
            on: {
              call: [
                { guard: 'isStopping', actions: 'refuseStopped' },
                { guard: 'isQueueFull', actions: 'refuseFull' },
                { actions: 'enqueue' },
              ],
              connect: [{ guard: 'isStopping', actions: 'refuseStopped' }, { actions: 'enqueue' }],
              probe: [{ guard: 'isStopping', actions: 'refuseStopped' }, { actions: 'enqueue' }],
              restart: [{ guard: 'isStopping', actions: 'refuseStopped' }, { actions: ['enqueue', 'closeToAdopt'] }],
              cancel: { actions: ['dequeue', 'relay'] },
              'queue.expired': { actions: ['dequeue', 'relay'] },
              reconfigure: { actions: 'holdEntry' },
              stop: { actions: ['closeToStop', 'failQueue'] },
            },
            states: {
              draining: {
                entry: sendTo('connection', { type: 'drain' }),
                after: { drainDeadline: 'terminating' },
                on: {
                  'connection.drained': { target: 'terminating', actions: 'requeueUnsent' },
                  'connection.lost': { target: 'terminating', actions: 'requeueUnsent' },
                },
              },
              terminating: {
                entry: sendTo('connection', ({ context }) => ({ type: 'terminate', failure: terminated(context) })),
                after: { terminateDeadline: '#server.ended' },
                on: {
                  'connection.drained': { actions: 'requeueUnsent' },
                  'connection.lost': { actions: 'requeueUnsent' },
                  'connection.closed': { target: '#server.ended', actions: 'requeueUnsent' },
                },
              },
            },
          },
        },
      },
      ended: {
        description: 'Transient: the transport is gone, and `closing` said what comes next.',
        always: [
          { guard: 'isStopping', target: 'closed' },
          { guard: 'isResting', target: 'idle', actions: 'finishClosing' },
          { target: 'uninitialized', actions: 'finishClosing' },
        ],
      },
      timedOut: {
        description: 'An attempt passed its deadline; its process is already being ended.',
        entry: ['recordTimeout', 'stamp', { type: 'announce', params: { state: 'timedOut' } }],
        always: [{ guard: 'retriesExhausted', target: 'failed' }, { target: 'retrying' }],
      },
      retrying: {
        description: 'Back-off before the next attempt; calls wait until their own deadline.',
        entry: ['scheduleRetry', 'stamp', { type: 'announce', params: { state: 'retrying' } }],
        after: { backoff: 'live' },
        on: {
          connect: { target: 'live', actions: 'enqueue' },
          probe: { target: 'live', actions: 'enqueue' },
        },
      },
      failed: {
        description: 'The circuit is open: calls fail at once with the cause, until one probe after the cool-down.',
        entry: ['openCircuit', 'stamp', { type: 'announce', params: { state: 'failed' } }, 'failQueue'],
        after: { cooldown: { guard: 'mayProbe', target: 'live', actions: 'limitToProbe' } },
        on: {
          call: { actions: 'refuseUnavailable' },
          connect: [
            { guard: 'isInvalid', actions: 'refuseUnavailable' },
            { guard: 'isOfConfiguration', target: 'uninitialized', actions: ['startAfresh', 'enqueue'] },
            { target: 'live', actions: ['startAfresh', 'enqueue'] },
          ],
          probe: [
            { guard: 'isInvalid', actions: 'refuseUnavailable' },
            { guard: 'isOfConfiguration', target: 'uninitialized', actions: ['startAfresh', 'enqueue'] },
            { target: 'live', actions: ['startAfresh', 'limitToProbe', 'enqueue'] },
          ],
          restart: [
            { guard: 'isInvalid', actions: 'refuseUnavailable' },
            { target: 'uninitialized', actions: ['startAfresh', 'enqueue'] },
          ],
        },
      },
      closed: {
        description: 'Final: no process, no session, no timer.',
        type: 'final',
        entry: ['failQueue', 'stamp', { type: 'announce', params: { state: 'closed' } }],
      },
    },
  })
}
