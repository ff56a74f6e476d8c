/** The machines themselves, for hosts that draw, test or extend them. */
export { type Arrow, arrowsOf, toMermaid } from './chart.js'
export { backoffMs, cooldownMs } from './backoff.js'
export { intensityExceeded, recordRestart } from './restart-intensity.js'
export { createServerMachine } from './server.js'
export { type ServerContext, type ServerInput, flatState } from './server.context.js'
export type { ServerCommand, ServerEvent, ServerReport } from './server.events.js'
export type { ServerPorts } from './server.setup.js'
export { type SupervisorContext, type SupervisorPorts, createSupervisorMachine } from './supervisor.js'
export type { SupervisorCommand, SupervisorEmitted, TargetServer } from './supervisor.events.js'
export type { ReloadChanges, ServerStateName } from '../events.js'
export type {
  ConnectionCommand,
  ConnectionInfo,
  ConnectionInput,
  ConnectionReport,
  EntryRef,
  PrepareInput,
  PrepareReport,
} from '../messages.js'
