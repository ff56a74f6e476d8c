import type { IncomingMessage } from 'node:http'

import { validateOriginHeader } from '@modelcontextprotocol/server'

/** What a browser is told of a request, so that the page which sent it may read the answer (CORS). */
export type CrossOrigin = (request: IncomingMessage) => Readonly<Record<string, string>>

/** Opens answers to the pages of these hosts. */
export function createCrossOrigin(hosts: readonly string[]): CrossOrigin {
  return ({ headers: { origin, 'access-control-request-headers': wanted } }) =>
    origin !== undefined && validateOriginHeader(origin, [...hosts]).ok
      ? {
          vary: 'origin',
          'access-control-allow-origin': origin,
          'access-control-expose-headers': 'mcp-session-id, www-authenticate, retry-after',
          // The token decides, whatever other headers a client of MCP sends.
          ...(wanted !== undefined && { 'access-control-allow-headers': wanted }),
        }
      : {}
}

/** Whether a browser asks beforehand what a page may send. It brings no token. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

export const preflightAnswer = {
  'access-control-allow-methods': 'POST, GET, DELETE',
  'access-control-max-age': '600',
}
