/** Every server of a supervisor as one MCP server: named exports only. */
export { type ClientStatus, type Gateway, createGateway } from './gateway.js'
export type { GatewayOptions, ListenOptions } from './options.js'
export { relayedHandlers } from './relay/relayed-handlers.js'
export type { HttpEndpoint } from './upstream/http/listen.js'
export type { StdioConnection, StdioStreams } from './upstream/stdio.js'
export type { ViewOptions } from './view.js'
