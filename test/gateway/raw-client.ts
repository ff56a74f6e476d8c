/** Requests as nobody's library makes them: any header, any body, and a connection that can be cut. */
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The JSON-RPC messages in it, whether as JSON or as events. */
  readonly messages: {
    readonly id?: unknown
    readonly result?: Record<string, unknown>
    readonly error?: { code: number }
  }[]
}

export interface RawRequest {
  readonly method?: string
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: unknown
  /** Cuts the connection. */
  readonly signal?: AbortSignal
}

const accepts = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }

export function send(
  url: string,
  { method = 'POST', path, headers = {}, body, signal }: RawRequest = {},
): Promise<RawAnswer> {
  const target = new URL(path ?? '', path === undefined ? url : new URL(url).origin)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      target,
      { method, headers: { ...accepts, ...headers }, agent: false, ...(signal && { signal }) },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, messages: messagesIn(text) }),
        )
      },
    )
    outgoing.on('error', reject)
    if (body !== undefined) outgoing.write(typeof body === 'string' ? body : JSON.stringify(body))
    outgoing.end()
  })
}

/** A request whose head is sent, and whose body is sent later. */
export async function sendSlowly(url: string, token: string) {
  const headers = { ...accepts, authorization: `Bearer ${token}`, 'transfer-encoding': 'chunked' }
  const outgoing = request(url, { method: 'POST', headers, agent: false })
  const status = new Promise<number>((resolve, reject) => {
    outgoing.on('error', reject).on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
  })
  await new Promise<void>((resolve) => outgoing.write(' ', () => resolve()))
  return { status, finish: (body: unknown) => void outgoing.end(JSON.stringify(body)) }
}

function messagesIn(text: string): RawAnswer['messages'] {
  const events = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => data)
  try {
    return (events.length > 0 ? events : [text]).map((json) => JSON.parse(json) as RawAnswer['messages'][number])
  } catch {
    // Some answers are no messages.
    return []
  }
}

export const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
}

/** A session of 2025-11-25: its headers, ready for requests. */
export async function beginSession(url: string, token?: string): Promise<Record<string, string>> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const { headers } = await send(url, { headers: authorization, body: initialize })
  const session = { ...authorization, 'mcp-session-id': String(headers['mcp-session-id']) }
  await send(url, { headers: session, body: { jsonrpc: '2.0', method: 'notifications/initialized' } })
  return session
}

export const callOf = (id: unknown, name: string, args: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
})
