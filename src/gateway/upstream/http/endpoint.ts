import { once } from 'node:events'
import { type IncomingMessage, type Server as HttpServer, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { SupervisorError } from '../../../index.js'
import { within } from '../../within.js'
import { finished } from '../finished.js'
import { isNews, messagesIn } from '../peek.js'
import { type Admission, loopbackNames } from './admission.js'
import { readBody } from './body.js'
import { type CrossOrigin, isPreflight, preflightAnswer } from './cross-origin.js'
import { refuse, webRequest, whenLeft, writeResponse } from './web.js'
import type { Principal } from '../../clients/client.js'

/** Serves one admitted request of MCP; undefined when there is no room. */
export type ServeMcp = (request: Request, body: unknown, principal: Principal) => Promise<Response | undefined>

export interface EndpointParts {
  readonly host: string
  readonly port: number
  /** Where MCP is served. */
  readonly path: string
  readonly maxBodyBytes: number
  readonly admission: Admission
  readonly crossOrigin: CrossOrigin
  readonly serve: ServeMcp
  /** Other paths, with what answers there: to everybody when it `isOpen`, else to `keeper` alone. */
  readonly pages: Pages
  /** Who comes with the token of the endpoint. */
  readonly keeper: Principal
  readonly failed: (error: Error) => void
  /** What is under way although no exchange is open for it: the client has gone to fetch an answer. */
  readonly parked: () => readonly Promise<unknown>[]
}

export type Pages = ReadonlyMap<string, { readonly isOpen: boolean; readonly answer: () => Page }>

export interface Page {
  readonly status: number
  readonly type: string
  readonly text: string
}

export interface Endpoint {
  readonly port: number
  /** Takes no new request, and lets those under way finish within the time: what clients say for their sake still comes in. */
  drain(timeoutMs: number): Promise<void>
  /** Ends every connection. */
  close(): Promise<void>
}

/** Listens. @throws `CONFIG_INVALID` when the port cannot be had */
export async function openEndpoint(parts: EndpointParts): Promise<Endpoint> {
  const { host, port } = parts
  const exchanges = new Map<Exchange, Promise<void>>()
  let isDraining = false
  const server = createServer(serverOptions, (req, res) => {
    const exchange: Exchange = { req, res, isStanding: req.method === 'GET' }
    const over = answer(exchange, parts, () => isDraining)
      .catch((error: unknown) => {
        parts.failed(error as Error)
        res.destroy()
      })
      .finally(() => exchanges.delete(exchange))
    exchanges.set(exchange, over)
  })
  await listen(server, host, port)
  const underWay = () => [
    ...parts.parked(),
    ...[...exchanges].flatMap(([{ isStanding }, over]) => (isStanding ? [] : [over])),
  ]
  return {
    port: (server.address() as AddressInfo).port,
    async drain(timeoutMs) {
      isDraining = true
      await within(timeoutMs, finished(underWay))
    },
    async close() {
      const closed = server.listening ? once(server, 'close') : undefined
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: HttpServer, host: string, port: number): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const message = `The gateway cannot listen on ${host}:${port}: ${(error as Error).message}`
    throw new SupervisorError({ code: 'CONFIG_INVALID', message, delivered: 'no', retryable: false }, error)
  }
}

const serverOptions = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 30_000 }

interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** Its answer is a stream that ends with a session or a subscription: nobody waits for that. */
  isStanding: boolean
}

/** Whether they are ours and who they are comes before all else; then the path, and only then the body. */
async function answer(exchange: Exchange, parts: EndpointParts, isDraining: () => boolean): Promise<void> {
  const { admission, crossOrigin, path, pages, keeper, serve, maxBodyBytes } = parts
  const { req, res } = exchange
  res.setHeader('x-content-type-options', 'nosniff')
  const stranger = admission.strangerhood(req)
  if (stranger) return turnAway(req, res, stranger.status, stranger.message)
  const [at = '/'] = (req.url ?? '/').split('?', 1)
  const page = pages.get(at)
  for (const [name, value] of Object.entries(crossOrigin(req))) res.setHeader(name, value)
  if (isPreflight(req) && at === path) return void res.writeHead(204, preflightAnswer).end()
  if (!page && at !== path) return turnAway(req, res, 404, `There is nothing at ${at.slice(0, 100)}`)
  const principal = admission.identify(req)
  if ('status' in principal && !page?.isOpen)
    return turnAway(req, res, principal.status, principal.message, { 'www-authenticate': 'Bearer' })
  if (page && !page.isOpen && principal !== keeper)
    return turnAway(req, res, 403, 'The token of a view does not do here: that of the endpoint is required')
  if (page) return writePage(req, res, page.answer())
  if ('status' in principal) return
  if (!['POST', 'GET', 'DELETE'].includes(req.method ?? ''))
    return turnAway(req, res, 405, 'The method must be POST, GET or DELETE', { allow: 'POST, GET, DELETE' })
  const body = req.method === 'POST' ? await readBody(req, maxBodyBytes).catch(() => undefined) : { value: undefined }
  // The client left in the middle of its body.
  if (!body) return void res.destroy()
  if ('status' in body) return turnAway(req, res, body.status, body.message)
  // A body takes as long as its sender likes, and his token may be none any more.
  if (admission.identify(req) !== principal) return turnAway(req, res, 401, 'The token is no longer valid')
  const messages = messagesIn(body.value)
  if (isDraining() && (req.method === 'GET' || messages.some(isNews)))
    return turnAway(req, res, 503, 'The gateway is closing', { connection: 'close' })
  exchange.isStanding ||= messages.some(({ method }) => method === 'subscriptions/listen')
  const response = await serve(webRequest(req, whenLeft(res)), body.value, principal)
  if (response) await writeResponse(res, response)
  else refuse(res, 503, 'There are too many sessions', { 'retry-after': '60' })
}

/** What was not read of the request is not read any more. */
function turnAway(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  refuse(res, status, message, { ...headers, ...(!req.complete && { connection: 'close' }) })
}

function writePage(req: IncomingMessage, res: ServerResponse, { status, type, text }: Page): void {
  if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(res, 405, 'The method must be GET', { allow: 'GET' })
  res.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  res.end(req.method === 'HEAD' ? undefined : text)
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === '::1' || loopbackNames.includes(host) || /^127(?:\.\d{1,3}){3}$/.test(host)
}
