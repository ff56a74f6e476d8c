import type { Endpoint } from '../config/entry.js'
import { createHttpTransport } from './http/http-transport.js'
import { createStdioTransport } from './stdio/stdio-transport.js'
import type { Transport, TransportOptions } from './transport.js'

/** Makes the transport that an endpoint asks for, not yet started. */
export function openTransport(endpoint: Endpoint, options: TransportOptions): Transport {
  return endpoint.transport === 'stdio'
    ? createStdioTransport(endpoint, options)
    : createHttpTransport(endpoint, options)
}
