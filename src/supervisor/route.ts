import type { Route } from '../calls/telemetry.js'
import type { Endpoint } from '../config/entry.js'

type OpenRoute = Route & { protocolVersion?: string | undefined }

/** The way to an endpoint: of its address the host and the port alone, for the rest may be secret. */
export function routeOf(
  endpoint: Endpoint,
  transport: { readonly sessionId?: string | undefined },
  mask: (text: string) => string,
): OpenRoute {
  if (endpoint.transport === 'stdio') return { transport: 'stdio' }
  const kind = endpoint.transport === 'sse' ? 'sse' : 'http'
  // A text that is no address is refused where it is opened.
  if (!URL.canParse(endpoint.url)) return { transport: kind }
  const { hostname, port, protocol } = new URL(endpoint.url)
  return {
    transport: kind,
    address: mask(hostname),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    get sessionId() {
      return transport.sessionId
    },
  }
}
