import type { Attributes } from '@opentelemetry/api'

import type { AttemptStart, CallStart, Failure, Outcome, Route } from '../index.js'

/**
 * What a call is measured by, and its span says too. The names are those of the semantic conventions for MCP, in
 * development, written here because their constants are deprecated; what begins with `mcpvisor` is ours.
 */
export function labelsOfCall({ server, method, tool, prompt }: CallStart): Attributes {
  return {
    ...labelsOfServer(server),
    'mcp.method.name': method,
    ...(method === 'tools/call' && { 'gen_ai.operation.name': 'execute_tool' }),
    ...(tool !== undefined && { 'gen_ai.tool.name': tool }),
    ...(prompt !== undefined && { 'gen_ai.prompt.name': prompt }),
  }
}

/** What only a span says of a call: there are too many values to be measured by. */
export function detailsOfCall({ lease, uri, resends }: CallStart): Attributes {
  return {
    ...(lease !== undefined && { 'mcpvisor.lease': lease }),
    ...(uri !== undefined && { 'mcp.resource.uri': uri }),
    ...(resends > 0 && { 'mcpvisor.resends': resends }),
  }
}

export function labelsOfServer(server: string): Attributes {
  return { 'mcpvisor.server.name': server }
}

export function attributesOfAttempt(start: AttemptStart): Attributes {
  const { server, lease, attempt, generation } = start
  return {
    ...labelsOfServer(server),
    ...(lease !== undefined && { 'mcpvisor.lease': lease }),
    ...transportOf(start),
    'mcpvisor.attempt': attempt,
    'mcpvisor.generation': generation,
  }
}

/** Of the way that a request takes, without the session: there may be as many as there are seconds in a day. */
export function attributesOfRoute(route: Route): Attributes {
  const { address, port, protocolVersion } = route
  return {
    ...transportOf(route),
    ...(address !== undefined && { 'server.address': address }),
    ...(port !== undefined && { 'server.port': port }),
    ...(protocolVersion !== undefined && { 'mcp.protocol.version': protocolVersion }),
  }
}

function transportOf({ transport }: Pick<Route, 'transport'>): Attributes {
  return transport === 'stdio'
    ? { 'network.transport': 'pipe' }
    : { 'network.transport': 'tcp', 'network.protocol.name': 'http' }
}

/** The code of the server where it gave one, else ours. */
export function attributesOfError({ failure, isToolError }: Outcome): Attributes {
  if (isToolError) return { 'error.type': 'tool_error' }
  if (!failure) return {}
  const { code, mcp } = failure
  return mcp ? { 'error.type': String(mcp.code), 'rpc.response.status_code': String(mcp.code) } : { 'error.type': code }
}

/** How a process ended, for whoever wants to know why. */
export function attributesOfExit({ exitCode, signal }: Failure): Attributes {
  return {
    ...(exitCode !== undefined && { 'process.exit.code': exitCode }),
    ...(signal !== undefined && { 'mcpvisor.exit.signal': signal }),
  }
}
