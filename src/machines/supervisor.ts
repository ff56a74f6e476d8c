import {
  type ActorRefFrom,
  type AnyActorRef,
  type CallbackActorLogic,
  assign,
  enqueueActions,
  fromCallback,
  setup,
} from 'xstate'

import { type Failure, failure } from '../errors.js'
import { type ServerIdentity, actorId, identityOf, leaseId, serverId } from '../messages.js'
import { isDone, reap } from './reap.js'
import {
  type Child,
  type Children,
  type PendingReload,
  afterAdoption,
  afterEnd,
  applyPlan,
  leasedEntry,
  pendingReload,
  planReload,
} from './reload.js'
import type { createServerMachine } from './server.js'
import type { SupervisorEmitted, SupervisorMachineEvent } from './supervisor.events.js'

export type ServerMachine = ReturnType<typeof createServerMachine>
export type SupervisorMachine = ReturnType<typeof createSupervisorMachine>

export interface SupervisorContext {
  readonly children: Children
  readonly reloads: readonly PendingReload[]
}

export interface SupervisorPorts {
  readonly server: ServerMachine
  /** A server actor broke, which is a bug of ours: its transport and its calls must be ended, for nobody else will. */
  crashed(of: ServerIdentity, error: unknown): void
  /** The configuration file, when it is followed: who watches it, and who reads it when it has changed. */
  readonly file?: { readonly watcher: CallbackActorLogic<{ type: string }>; changed(): void }
}

const nobody = fromCallback<{ type: string }>(() => {})

/**
 * The root: spawns, reconfigures and stops servers so that they are those of the configuration, and isolates each from
 * the others. A child that breaks is spawned anew (OTP `one_for_one`); it connects again on its next use.
 */
export function createSupervisorMachine(ports: SupervisorPorts) {
  return setup({
    types: {
      context: {} as SupervisorContext,
      events: {} as SupervisorMachineEvent,
      emitted: {} as SupervisorEmitted,
      children: {} as Record<string, 'server' | 'watcher'>,
    },
    actors: { server: ports.server, watcher: ports.file?.watcher ?? nobody },
    actions: {
      applyReload: enqueueActions(({ context, event, enqueue, system }) => {
        if (event.type !== 'reload') return
        const plan = planReload(context.children, event.target, event.digests)
        enqueue.assign(({ spawn, context: { children, reloads } }) => {
          for (const child of plan.spawn) spawn('server', birth(child))
          return { children: applyPlan(children, plan), reloads: [...reloads, pendingReload(event.reloadId, plan)] }
        })
        for (const child of plan.reconfigure) {
          enqueue.sendTo(serverOf(system, child), { type: 'reconfigure', entry: child.entry })
        }
        for (const child of plan.stop) {
          const reason = event.halted?.includes(child.name) ? 'halted' : 'removed'
          enqueue.sendTo(serverOf(system, child), { type: 'stop', reason })
        }
      }),
      spawnLease: assign(({ context: { children }, event, spawn }) => {
        const server = event.type === 'lease' && children[serverId(event.name)]
        if (!server) return {}
        const { name, lease, own } = event
        const child: Child = { name, lease, entry: leasedEntry(server.entry, own), own, status: 'present' }
        spawn('server', birth(child))
        return { children: { ...children, [actorId(child)]: child } }
      }),
      refuseLease: enqueueActions(({ event, enqueue }) => {
        if (event.type === 'lease') enqueue.emit({ type: 'lease.ended', name: event.name, lease: event.lease })
      }),
      releaseLease: enqueueActions(({ context: { children }, event, enqueue, system }) => {
        const child = event.type === 'release' && children[leaseId(event.lease)]
        if (!child || child.status === 'leaving') return
        enqueue.sendTo(serverOf(system, child), { type: 'stop', reason: 'released' })
        enqueue.assign({ children: { ...children, [actorId(child)]: { ...child, status: 'leaving' } } })
      }),
      recordAdoption: assign(({ context, event }) => {
        if (event.type !== 'server.adopted') return {}
        return { reloads: afterAdoption(context.reloads, event) }
      }),
      settleReloads: enqueueActions(({ context, enqueue }) => {
        for (const { reloadId, changes, waiting } of context.reloads) {
          if (waiting.size === 0) enqueue.emit({ type: 'reload.settled', reloadId, changes })
        }
        enqueue.assign({ reloads: context.reloads.filter(({ waiting }) => waiting.size > 0) })
      }),
      /** All that have ended by now: those that end together cost no more than one. */
      forgetEnded: enqueueActions(({ context, event, enqueue, self }) => {
        if (!('actorId' in event) || !context.children[event.actorId]) return
        const actors: Readonly<Record<string, AnyActorRef | undefined>> = self.getSnapshot().children
        const ended = Object.entries(context.children).flatMap(([id, child]) => (isDone(actors[id]) ? child : []))
        for (const { name, lease } of ended) {
          if (lease !== undefined) enqueue.emit({ type: 'lease.ended', name, lease })
        }
        enqueue('reap')
        enqueue.assign(forget(context, ended))
      }),
      reap: reap(),
      reportCrash: ({ context, event }) => {
        // The type of the event that arrives names the actor: it is not the wildcard.
        if (!('actorId' in event) || !('error' in event)) return
        const child = context.children[event.actorId]
        if (child) ports.crashed(identityOf(child), event.error)
      },
      /** An actor that broke leaves what it invoked alive: its connection may be about to start a process. */
      endOrphan: enqueueActions(({ context, event, enqueue, self }) => {
        if (!('actorId' in event)) return
        const child = context.children[event.actorId]
        const broken = self.getSnapshot().children[event.actorId] as ActorRefFrom<ServerMachine> | undefined
        const orphan = broken?.getSnapshot().children.connection
        if (child && orphan) enqueue.sendTo(orphan, { type: 'terminate', failure: brokenActor(child.name) })
      }),
      respawnChild: enqueueActions(({ context, event, enqueue }) => {
        const child = 'actorId' in event ? context.children[event.actorId] : undefined
        if (!child) return
        if (child.status === 'leaving') return enqueue('forgetBroken')
        enqueue.stopChild(actorId(child))
        enqueue.assign(({ spawn }) => {
          spawn('server', birth(child))
          return {}
        })
      }),
      forgetBroken: enqueueActions(({ context, event, enqueue }) => {
        const child = 'actorId' in event ? context.children[event.actorId] : undefined
        if (!child) return
        const { name, lease } = child
        if (lease !== undefined) enqueue.emit({ type: 'lease.ended', name, lease })
        enqueue.stopChild(actorId(child))
        enqueue.assign(forget(context, [child]))
      }),
      readFile: () => ports.file?.changed(),
      stopAll: enqueueActions(({ context, enqueue, system }) => {
        for (const child of Object.values(context.children)) {
          enqueue.sendTo(serverOf(system, child), { type: 'stop', reason: 'shutdown' })
        }
      }),
    },
    guards: {
      isEmpty: ({ context }) => Object.keys(context.children).length === 0,
      isServed: ({ context, event }) =>
        event.type === 'lease' && context.children[serverId(event.name)]?.status === 'present',
    },
  }).createMachine({
    id: 'supervisor',
    context: { children: {}, reloads: [] },
    initial: 'running',
    states: {
      running: {
        description: 'Keeps the servers those of the last accepted configuration.',
        invoke: ports.file ? { id: 'watcher', src: 'watcher' } : [],
        on: {
          'config.changed': { actions: 'readFile' },
          reload: { actions: ['applyReload', 'settleReloads'] },
          lease: [{ guard: 'isServed', actions: 'spawnLease' }, { actions: 'refuseLease' }],
          release: { actions: 'releaseLease' },
          'server.adopted': { actions: ['recordAdoption', 'settleReloads'] },
          'xstate.done.actor.*': { actions: ['forgetEnded', 'settleReloads'] },
          'xstate.error.actor.*': { actions: ['reportCrash', 'endOrphan', 'respawnChild', 'settleReloads'] },
          close: 'closing',
        },
      },
      closing: {
        description: 'All servers drain and end at the same time.',
        entry: 'stopAll',
        always: { guard: 'isEmpty', target: 'closed' },
        on: {
          lease: { actions: 'refuseLease' },
          'xstate.done.actor.*': { actions: ['forgetEnded', 'settleReloads'] },
          'xstate.error.actor.*': { actions: ['reportCrash', 'endOrphan', 'forgetBroken', 'settleReloads'] },
          'server.adopted': { actions: ['recordAdoption', 'settleReloads'] },
        },
      },
      closed: { description: 'Final: no server is left.', type: 'final' },
    },
  })
}

/** The actor of a server that the supervisor has spawned. */
export function serverOf(system: AnyActorRef['system'], of: ServerIdentity): ActorRefFrom<ServerMachine> {
  return system.get(actorId(of)) as ActorRefFrom<ServerMachine>
}

/** What a server is spawned with. */
function birth(child: Child) {
  const id = actorId(child)
  return { id, systemId: id, input: { ...identityOf(child), entry: child.entry } }
}

function brokenActor(name: string): Failure {
  return failure('CONNECTION_LOST', `The actor of server "${name}" broke: a bug in mcpvisor`, { server: name })
}

function forget({ children, reloads }: SupervisorContext, ended: readonly Child[]): SupervisorContext {
  const gone = new Set(ended.map(actorId))
  return {
    children: Object.fromEntries(Object.entries(children).filter(([id]) => !gone.has(id))),
    reloads: afterEnd(reloads, ended),
  }
}
