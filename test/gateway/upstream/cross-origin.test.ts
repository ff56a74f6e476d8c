import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { describe, expect, it, onTestFinished } from 'vitest'

import { executablePath, launch } from '../../inspect/browser.js'
import { stdioServer } from '../../support/fixture-servers.js'
import { openGateway } from '../gateway-bench.js'
import { initialize, send } from '../raw-client.js'

const preflight = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,mcp-name',
}
const opened = 'access-control-allow-origin'

describe('pages of other hosts', () => {
  it('that are listed are told by what they may send and read, before any token', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() }, {}, { allowedOrigins: ['App.test'] })
    const origin = 'https://app.test'
    const asked = await send(endpoint.url, { method: 'OPTIONS', headers: { origin, ...preflight } })
    expect(asked).toMatchObject({
      status: 204,
      headers: {
        [opened]: origin,
        'access-control-allow-methods': 'POST, GET, DELETE',
        'access-control-allow-headers': 'authorization,mcp-name',
        vary: 'origin',
      },
    })
    // What went wrong may be read too.
    expect(await send(endpoint.url, { headers: { origin }, body: initialize })).toMatchObject({
      status: 401,
      headers: { [opened]: origin },
    })
  })

  it('that are not listed are told nothing, nor those of this machine where no token is asked for', async () => {
    const { endpoint, gateway } = await openGateway({ server: stdioServer() })
    const stranger = { method: 'OPTIONS', headers: { origin: 'https://evil.test', ...preflight } }
    expect((await send(endpoint.url, stranger)).status).toBe(403)
    const open = await gateway.listen({ token: false })
    const local = { method: 'OPTIONS', headers: { origin: 'http://localhost:8080', ...preflight } }
    expect((await send(endpoint.url, local)).headers).toHaveProperty(opened)
    expect((await send(open.url, local)).headers).not.toHaveProperty(opened)
  })

  it.skipIf(!executablePath)('on this machine use the gateway with its token, in a browser', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() })
    const browser = await launch()
    onTestFinished(() => browser.close())
    const page = await browser.newPage()
    await page.goto(await emptyPage())
    const headers = {
      authorization: `Bearer ${endpoint.token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    const begun = await page.evaluate(
      async ([url, init]) => {
        const response = await fetch(url, init)
        return { status: response.status, session: response.headers.get('mcp-session-id'), text: await response.text() }
      },
      [endpoint.url, { method: 'POST', headers, body: JSON.stringify(initialize) }] as const,
    )
    expect(begun).toEqual({ status: 200, session: expect.any(String), text: expect.stringContaining('mcpvisor') })
  })
})

async function emptyPage(): Promise<string> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>page</p>'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}
