import { expect, it, onTestFinished } from 'vitest'

import { startHttpServer } from '../fixtures/servers/http.mjs'
import { stdioServer, supervise, until } from '../support/fixture-servers.js'

it('a request of a server that no handler is for is answered, each with its id', async () => {
  const server = stdioServer({ background: { mode: 'flood', kind: 'request', count: 3, ms: 100 } })
  const supervisor = supervise({ server })
  await supervisor.connect('server')
  const answered = () =>
    server.journal.lines().filter(({ event, method }) => event === 'received' && method === undefined)
  await until(() => answered().length >= 6)
  expect(supervisor.status('server').connected).toBe(true)
})

it('a ping of a server is answered with a sign of life', async () => {
  const server = await startHttpServer()
  onTestFinished(() => server.close())
  const supervisor = supervise({ server: { url: server.url } })
  await supervisor.connect('server')
  await until(() => server.streams === 1)
  server.notify({ jsonrpc: '2.0', id: 'are you there', method: 'ping' })
  const answers = () =>
    server.requests('POST').flatMap(({ message }) => (message?.id === 'are you there' ? message : []))
  await until(() => answers().length === 1)
  expect(answers()).toEqual([{ jsonrpc: '2.0', id: 'are you there', result: {} }])
})
