import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  connectedPair,
  eventually,
  failureOf,
  faultyServer,
  startedPair,
  textOf,
} from '../../fixtures/servers/http-client.js'
import { buildForHosts, removeBuild } from '../../support/build-for-hosts.js'

describe('ending', () => {
  it('H30: leaves no session, no connection and no pending call behind', async () => {
    const { server, client } = await connectedPair()
    const calls = Array.from({ length: 5 }, () => client.failing('sleep', { ms: 60_000 }))
    await eventually(() => server.calls('sleep').length === 5)
    const rejected = Promise.all(calls)
    let rejectedFirst = false
    void rejected.then(() => (rejectedFirst = client.closes === 0))
    expect(await client.transport.end()).toEqual({ by: 'http' })
    for (const failure of await rejected) expect(failure).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'maybe' })
    expect(rejectedFirst).toBe(true)
    expect(client.closes).toBe(1)
    expect(client.lost).toEqual([])
    expect(server.sessions).toEqual([])
    await eventually(() => server.sockets === 0)
    expect(await failureOf(client.call('echo'))).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no' })
  })

  it('is one end however often it is asked for', async () => {
    const { server, client } = await connectedPair()
    client.transport.kill()
    await Promise.all([client.transport.end(), client.transport.close(), client.transport.end()])
    expect(client.closes).toBe(1)
    expect(server.requests('DELETE').length).toBe(1)
  })

  it.each([{ do: 'status', status: 405 }, 'reset', 'hang'])(
    'H29: does not mind a DELETE that meets %j',
    async (fault) => {
      const { server, client } = await connectedPair({ DELETE: fault })
      const startedAt = performance.now()
      expect(await client.transport.end()).toEqual({ by: 'http' })
      // It waits a second at most; a busy machine may add some.
      expect(performance.now() - startedAt).toBeLessThan(3_000)
      expect(server.requests('DELETE').length).toBe(1)
      await eventually(() => server.sockets === 0)
    },
  )

  it('sends no DELETE without a session, nor to a server that is gone', async () => {
    const { server, client } = await connectedPair({ session: false })
    await client.transport.end()
    expect(server.requests('DELETE')).toEqual([])
  })

  it.each([
    ['http', { initialize: 'hang' }],
    ['sse', { GET: { do: 'headers-only', type: 'text/event-stream' } }],
    ['sse', { mode: 'sse', initialize: 'hang' }],
  ] as const)('ends while a handshake over %s hangs at %j', async (transport, faults) => {
    const { server, client } = await startedPair(faults, { transport })
    const failing = failureOf(client.initialize())
    await eventually(() => server.journal.length > 0)
    client.transport.kill()
    expect(await failing).toMatchObject({ code: 'CONNECTION_LOST' })
    await client.transport.end()
    await eventually(() => server.sockets === 0)
    expect(client.lost).toEqual([])
  })

  it('ends what was never used', async () => {
    const { server, client } = await startedPair()
    expect(await client.transport.end()).toEqual({ by: 'http' })
    expect(server.journal).toEqual([])
  })
})

describe('cancelling', () => {
  it('settles the call, tells the server once and frees the connection', async () => {
    const { server, client } = await connectedPair()
    const settled = client.call('sleep', { ms: 60_000 }).catch((error: Error) => error.message)
    await eventually(() => server.calls('sleep').length === 1)
    await client.cancel()
    expect(await settled).toMatch(/settled without an answer/)
    expect(server.requests('POST').filter(({ message }) => message?.method === 'notifications/cancelled').length).toBe(
      1,
    )
    await eventually(() => server.requests('POST')[2]?.closed === 'by-peer')
    expect(client.violations).toEqual([])
  })
})

describe('a notification', () => {
  it('that is refused rejects', async () => {
    const { client } = await startedPair({ POST: { do: 'status', status: 500 } })
    const notice = client.transport.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    expect(await failureOf(notice)).toMatchObject({ code: 'SERVER_UNAVAILABLE', httpStatus: 500 })
  })
})

describe('the process', () => {
  let built: string
  beforeAll(() => {
    built = buildForHosts('src/actors/http/http-transport.ts')
  }, 60_000)
  afterAll(() => removeBuild(built))

  it('is warned of no leaking listener by many calls at once', async () => {
    const warnings: Error[] = []
    const listener = (warning: Error) => warnings.push(warning)
    process.on('warning', listener)
    const { client } = await connectedPair({ answers: 'mixed' })
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(Array.from({ length: 64 }, () => client.call('echo', { text: 'hi' })))
      expect(answers.every((answer) => textOf(answer) === 'hi')).toBe(true)
    }
    await client.transport.end()
    process.off('warning', listener)
    expect(warnings).toEqual([])
  })

  it.each(['http', 'sse'])('ends although a ready server is connected over %s', async (form) => {
    const server = await faultyServer({ mode: form })
    const code = `
      import { createHttpTransport } from ${JSON.stringify(`${built}/actors/http/http-transport.js`)}
      const transport = createHttpTransport(
        { transport: '${form}', url: '${server.url}', headers: {} },
        { server: 'x', shutdownTimeoutMs: 1000 },
      )
      await transport.start()
      // Who awaits an answer holds the process by its own deadline.
      const deadline = setTimeout(() => process.exit(1), 30_000)
      await transport.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} })
      await transport.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
      await new Promise((resolve) => setTimeout(resolve, 200))
      clearTimeout(deadline)
    `
    const host = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    onTestFinished(() => void host.kill('SIGKILL'))
    expect(await once(host, 'exit')).toEqual([0, null])
    expect(server.requests('GET').length).toBe(1)
  })
})
