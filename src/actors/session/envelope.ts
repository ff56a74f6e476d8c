import { type Handlers, capabilitiesOf } from '../../calls/handlers.js'
import type { Tool } from '../../mcp.js'
import { type MirroredParameter, headerValue, parameterHeaders, readMirroredParameters } from './parameter-headers.js'
import type { Caller } from './caller.js'
import type { Dress } from './requests.js'
import { modernRevision } from '../wire/revisions.js'

/** What every request of 2026-07-28 carries beside its own parameters: who asks, what we can do, and over HTTP its headers. */
export interface Envelope {
  dress(method: string, params: Record<string, unknown>, caller?: Caller): Dress
  /** Notes how a listed tool wants to be called; returns why it must not be, if so. */
  readTool(tool: Tool): string | undefined
  /** From now on requests ask for log messages of this level and above. */
  setLogLevel(level: string): void
}

export interface EnvelopeParts {
  readonly clientInfo: { readonly name: string; readonly version: string }
  readonly handlers: Handlers
  readonly isHttp: boolean
}

/** Parameters that name what a request is about, as a header tells it. */
const nameKeys: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
}

export function createEnvelope({ clientInfo, handlers, isHttp }: EnvelopeParts): Envelope {
  const mirrored = new Map<string, readonly MirroredParameter[]>()
  let logLevel: string | undefined
  let common = metaOf(handlers)

  function metaOf(offered: Handlers, level = logLevel): Record<string, unknown> {
    return {
      'io.modelcontextprotocol/protocolVersion': modernRevision,
      'io.modelcontextprotocol/clientInfo': clientInfo,
      'io.modelcontextprotocol/clientCapabilities': capabilitiesOf(offered),
      ...(level !== undefined && { 'io.modelcontextprotocol/logLevel': level }),
    }
  }

  function headersOf(method: string, params: Record<string, unknown>): Record<string, string> {
    const name = params[nameKeys[method] ?? '']
    const parameters = method === 'tools/call' ? mirrored.get(String(name)) : undefined
    return {
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': headerValue(name) }),
      ...(parameters && parameterHeaders(parameters, params['arguments'])),
    }
  }

  return {
    dress(method, params, caller) {
      const offered = caller?.handlers ?? handlers
      const level = caller?.logLevel
      const meta = offered === handlers && level === undefined ? common : metaOf(offered, level)
      const dressed = { ...params, _meta: { ...(params['_meta'] as object | undefined), ...meta } }
      return isHttp ? { params: dressed, headers: headersOf(method, params) } : { params: dressed }
    },
    readTool({ name, inputSchema }) {
      if (!isHttp) return undefined
      const read = readMirroredParameters(inputSchema)
      if ('wrong' in read) return read.wrong
      mirrored.set(name, read.parameters)
      return undefined
    },
    setLogLevel(level) {
      logLevel = level
      common = metaOf(handlers)
    },
  }
}
