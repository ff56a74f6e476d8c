import type { Logger } from 'pino'

import type { EventOf, SupervisorEvent } from '../events.js'
import type { EventBus } from './event-bus.js'

/**
 * Writes one structured record per event: the logger is one consumer of the events among others, so nothing is logged
 * that a host could not observe, and nothing that holds a secret.
 */
export function logEvents(bus: EventBus, logger: Logger): void {
  bus.on('*', (event) => {
    const { type, ...fields } = event
    const { level, text } = describe(event)
    logger[level]({ event: type, ...fields }, 'lease' in event ? `${text} (lease ${event.lease})` : text)
  })
}

type Level = 'debug' | 'info' | 'warn' | 'error'

function describe(event: SupervisorEvent): { level: Level; text: string } {
  switch (event.type) {
    case 'state.changed':
      return { level: levelOf(event), text: `server ${event.server} is ${event.to}` }
    case 'call.settled':
      return event.failure
        ? { level: 'warn', text: `call to ${event.server} failed: ${event.failure.code}` }
        : { level: 'debug', text: `call to ${event.server} answered` }
    case 'stderr.written':
      return { level: 'debug', text: `server ${event.server} wrote to stderr` }
    case 'notification.received':
      return { level: 'debug', text: `server ${event.server} sent ${event.method}` }
    case 'session.restored':
      return event.failed.length > 0
        ? { level: 'warn', text: `server ${event.server} did not grant again all that it had granted before` }
        : { level: 'info', text: `server ${event.server} granted again what it had granted before` }
    case 'tools.listed':
      return {
        level: event.quarantined.length + event.suspicious.length > 0 ? 'warn' : 'debug',
        text: `server ${event.server} lists ${event.tools} tools`,
      }
    case 'tools.changed':
      return { level: 'warn', text: `server ${event.server} changed its tools` }
    case 'tools.held':
      return { level: 'warn', text: `server ${event.server} has tools that nobody approved: ${namesOf(event)}` }
    case 'tools.approved':
      return { level: 'info', text: `tools of server ${event.server} were approved: ${namesOf(event)}` }
    case 'auth.required':
      return { level: 'warn', text: `server ${event.server} asks for authorization: ${event.url ?? 'log in'}` }
    case 'auth.completed':
      return { level: 'info', text: `server ${event.server} is authorized` }
    case 'auth.unsaved':
      return { level: 'error', text: `authorization of ${event.server} is kept in memory only: ${event.message}` }
    case 'catalog.unusable':
      return { level: 'warn', text: `server ${event.server}: ${event.reason}` }
    case 'protocol.violated':
      return { level: 'warn', text: `server ${event.server} broke the protocol` }
    case 'config.reloaded':
      return event.report.ok
        ? { level: 'info', text: 'configuration reloaded' }
        : { level: 'error', text: 'configuration refused; what runs stays as it was' }
    case 'config.refused':
      return { level: 'error', text: `configuration file refused; what runs stays as it was: ${event.error.message}` }
    case 'server.crashed':
      return { level: 'error', text: `server ${event.server} was spawned anew after a bug in mcpvisor` }
    case 'supervisor.closed':
      return { level: 'info', text: `closed ${event.report.closed} of ${event.report.total} servers` }
  }
}

function levelOf({ to }: EventOf<'state.changed'>): Level {
  if (to === 'failed') return 'error'
  return to === 'retrying' || to === 'timedOut' ? 'warn' : 'info'
}

function namesOf({ tools }: EventOf<'tools.held' | 'tools.approved'>): string {
  const names = tools.slice(0, 5).map(({ name }) => JSON.stringify(name))
  return tools.length > names.length ? `${names.join(', ')} and ${tools.length - names.length} more` : names.join(', ')
}
