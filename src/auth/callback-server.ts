import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Waits on this machine for the browser to come back from a login. */
export interface CallbackServer {
  readonly port: number
  /** Resolves with the parameters of the first redirect that `isAwaited` accepts; answers every other with 400. */
  wait(isAwaited: (parameters: URLSearchParams) => boolean): Promise<URLSearchParams>
  close(): Promise<void>
}

const path = '/callback'
const securely = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'",
  'referrer-policy': 'no-referrer',
  connection: 'close',
}

/** Listens on one port of this machine alone; 0 takes a free one. Rejects with the error of Node, as when it is in use. */
export async function openCallbackServer(host: string, port: number, at = path): Promise<CallbackServer> {
  let expected: ((parameters: URLSearchParams) => boolean) | undefined
  let arrived: (parameters: URLSearchParams) => void = () => {}
  const arrival = new Promise<URLSearchParams>((resolve) => (arrived = resolve))

  function serve({ method, url = '/' }: IncomingMessage, response: ServerResponse): void {
    // Anybody may ask, with a target such as `//` that is no address.
    const asked = URL.canParse(url, 'http://callback') ? new URL(url, 'http://callback') : undefined
    if (method !== 'GET' || asked?.pathname !== at) return answer(response, 404, 'There is nothing here.')
    const { searchParams } = asked
    if (!expected?.(searchParams)) return answer(response, 400, 'This is not the login that is waited for.')
    expected = undefined
    // What comes of it is not known yet: whoever waits for it will tell.
    const went = searchParams.has('error') ? 'The login was refused.' : 'The login has come back to mcpvisor.'
    answer(response, 200, `${went} You may close this window.`)
    arrived(searchParams)
  }

  const server = createServer({ maxHeaderSize: 32_768, requestTimeout: 10_000 }, serve)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port, exclusive: true }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    wait(isAwaited) {
      expected = isAwaited
      return arrival
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      // The page is sent by then, or nobody waits for it.
      setTimeout(() => server.closeAllConnections(), 250).unref()
      server.closeIdleConnections()
      await closed
    },
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, securely).end(`<!doctype html><title>mcpvisor</title><p>${text}</p>`)
}
