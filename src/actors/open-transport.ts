import type { Credentials } from '../auth/credentials.js'
import type { Endpoint } from '../config/entry.js'
import { createHttpTransport } from './http/http-transport.js'
import { createStdioTransport } from './stdio/stdio-transport.js'
import type { Limits, Transport, TransportObserver } from './transport.js'

export interface TransportOptions {
  readonly server: string
  readonly shutdownTimeoutMs: number
  readonly limits: Limits
  readonly observer: TransportObserver
  /** Hides the secrets of the entry in texts that come from the server. */
  readonly mask: (text: string) => string
  readonly credentials?: Credentials | undefined
}

/** Makes the transport that an endpoint asks for, not yet started. */
export function openTransport(endpoint: Endpoint, options: TransportOptions): Transport {
  return endpoint.transport === 'stdio'
    ? createStdioTransport(endpoint, options)
    : createHttpTransport(endpoint, options)
}
