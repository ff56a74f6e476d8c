/** The public surface of mcpvisor: named exports only. Importing it does nothing. */
export { createSupervisor, killAll } from './create-supervisor.js'
export type {
  CallOptions,
  CompleteOptions,
  ItemListOptions,
  Lease,
  LeaseOptions,
  ListOptions,
  RequestOptions,
  Supervisor,
  SupervisorOptions,
} from './api.js'
export type { Asked, Handlers, Notification } from './calls/handlers.js'
export { traceContextOf } from './calls/trace-context.js'
export { urlElicitationsOf } from './calls/url-elicitations.js'
export type {
  AttemptStart,
  CallStart,
  CallTrace,
  ConnectionTrace,
  Outcome,
  RequestTrace,
  Route,
  SentRequest,
  Telemetry,
  TraceContext,
} from './calls/telemetry.js'
export type { Catalog, HeldDefinition, LastCatalog } from './catalogs/catalog.js'
export { createFileCatalogStore } from './catalogs/file-store.js'
export type { CatalogDocument, CatalogStore } from './catalogs/store.js'
export type { Clock } from './clock.js'
export type { Policy } from './config/defaults.js'
export { type Delivered, type ErrorCode, type Failure, type Phase, SupervisorError, errorCodes } from './errors.js'
export type {
  CloseReport,
  ClosedLease,
  EventOf,
  HeldTool,
  ReloadReport,
  ServerStateName,
  SupervisorEvent,
  SupervisorEventType,
} from './events.js'
export type {
  CallToolResult,
  CompletionReference,
  CompletionResult,
  ContentBlock,
  ElicitationResult,
  FormElicitation,
  GetPromptResult,
  LogLevel,
  Progress,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceContents,
  ResourceTemplate,
  Root,
  SamplingMessage,
  SamplingRequest,
  SamplingResult,
  Tool,
  ToolAnnotations,
  UrlElicitation,
} from './mcp.js'
export { createFileTokenStore } from './auth/file-token-store.js'
export { createKeyringTokenStore } from './auth/keyring-token-store.js'
export type { TokenStore } from './token-store.js'
export type { AuthorizeOptions, LogoutReport } from './supervisor/authorization.js'
export type { WaitOptions } from './supervisor/call-terms.js'
export type { Unsubscribe } from './supervisor/event-bus.js'
export type { EventsDropped } from './supervisor/event-stream.js'
export type { Explanation, OpenCall } from './supervisor/explain.js'
export type { FailedCall, ServerHistory, StderrLine, Transition } from './supervisor/history.js'
export type { ServerStatus } from './supervisor/status.js'
export type { TestConnectionOptions } from './supervisor/test-connection.js'
export { version } from './version.js'
