import { randomUUID } from 'node:crypto'

import {
  type JSONRPCMessage,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'

import type { Principal } from '../../clients/client.js'
import type { Connect } from '../connect.js'
import { isRequest, messagesIn } from '../peek.js'
import { whenOver } from './web.js'

/** The sessions of the older era: one client, one server object and one transport each. */
export interface Sessions {
  /** Serves a request of the older era; undefined when there are too many sessions to begin another. */
  serve(request: Request, body: unknown, principal: Principal): Promise<Response | undefined>
  readonly size: number
  /** Ends those that were begun as this one. */
  revoke(principal: Principal): Promise<void>
  close(): Promise<void>
}

export interface SessionsParts {
  readonly connect: Connect
  readonly mostSessions: number
  /** A session that is not used for so long, and has no stream open, is over. */
  readonly idleMs: number
  readonly failed: (error: Error) => void
}

interface Session {
  readonly principal: Principal
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly server: Server
  /** Exchanges under way, standing streams among them. */
  open: number
  usedAt: number
}

const sweepMs = 60_000

export function createSessions({ connect, mostSessions, idleMs, failed }: SessionsParts): Sessions {
  const sessions = new Map<string, Session>()
  let beginning = 0
  const sweep = setInterval(
    () => {
      for (const { open, usedAt, server } of sessions.values())
        if (open === 0 && performance.now() - usedAt > idleMs) server.close().catch(failed)
    },
    Math.min(sweepMs, idleMs),
  )
  sweep.unref()

  async function begin(request: Request, body: unknown, principal: Principal): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, session),
    })
    const connection = connect({
      principal,
      transport: 'http',
      isOne: true,
      // Without a standing stream there is nobody to be told.
      tell: ({ method, params }) => void server.notification({ method, params: { ...params } }).catch(() => undefined),
    })
    const server = connection.server('legacy')
    const session: Session = { principal, transport, server, open: 0, usedAt: performance.now() }
    server.onclose = () => {
      if (transport.sessionId !== undefined) sessions.delete(transport.sessionId)
      connection.gone()
    }
    await server.connect(transport)
    const response = await handle(session, request, body)
    // What was no handshake has begun no session.
    if (transport.sessionId === undefined) await server.close()
    return response
  }

  async function handle(session: Session, request: Request, body: unknown): Promise<Response> {
    const { transport } = session
    const left = (): void => cancelAll(transport, body)
    const over = (): void => {
      session.open -= 1
      session.usedAt = performance.now()
      request.signal.removeEventListener('abort', left)
    }
    session.open += 1
    request.signal.addEventListener('abort', left, { once: true })
    try {
      return whenOver(await transport.handleRequest(request, { parsedBody: body }), over)
    } catch (error) {
      over()
      throw error
    }
  }

  async function endAll(which: (session: Session) => boolean): Promise<void> {
    await Promise.all([...sessions.values()].filter(which).map(({ server }) => server.close()))
  }

  return {
    async serve(request, body, principal) {
      const id = request.headers.get('mcp-session-id')
      const session = id === null ? undefined : sessions.get(id)
      // A session is no proof of who somebody is: with another token it does not exist.
      if (session?.principal === principal) return handle(session, request, body)
      if (id !== null) return Response.json(noSession, { status: 404 })
      if (sessions.size + beginning >= mostSessions) return undefined
      beginning += 1
      try {
        return await begin(request, body, principal)
      } finally {
        beginning -= 1
      }
    },
    get size() {
      return sessions.size
    },
    revoke: (principal) => endAll((session) => session.principal === principal),
    async close() {
      clearInterval(sweep)
      await endAll(() => true)
    },
  }
}

const noSession = { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } }

/** A client that goes away during its request no longer wants it: no stream is left that could bring the answer. */
function cancelAll({ onmessage }: WebStandardStreamableHTTPServerTransport, body: unknown): void {
  for (const { id: requestId } of messagesIn(body).filter(isRequest)) {
    const params = { requestId, reason: 'The client has gone' }
    onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params } as JSONRPCMessage)
  }
}
