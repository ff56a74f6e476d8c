import type { Endpoint } from '../config/entry.js'
import { createStdioTransport } from './stdio/stdio-transport.js'
import type { Transport, TransportOptions } from './transport.js'

/** Makes the transport that an endpoint asks for, not yet started. A host without remote servers loads no HTTP client. */
export async function openTransport(endpoint: Endpoint, options: TransportOptions): Promise<Transport> {
  if (endpoint.transport === 'stdio') return createStdioTransport(endpoint, options)
  const { createHttpTransport } = await import('./http/http-transport.js')
  return createHttpTransport(endpoint, options)
}
