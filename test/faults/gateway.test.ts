import { describe, expect, it } from 'vitest'

import type { Supervisor } from '../../src/index.js'
import { createGateway } from '../../src/gateway/index.js'
import { legacyClient, modernClient, openGateway } from '../gateway/gateway-bench.js'
import { beginSession, callOf, initialize, send } from '../gateway/raw-client.js'
import { httpServer, stdioServer, supervise, until } from '../support/fixture-servers.js'

const textIn = (message: { result?: Record<string, unknown> } | undefined) =>
  (message?.result?.['content'] as { text: string }[] | undefined)?.[0]?.text

const leasesOf = ({ actor }: Supervisor) =>
  Object.keys((actor.getSnapshot() as unknown as { children: object }).children).filter((id) => id.startsWith('lease:'))

describe('clients of a gateway', () => {
  it('C25: that number their requests alike each get their own answers, in whatever order these come', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() })
    const clients = await Promise.all(
      ['anna', 'bert', 'cleo'].map(async (name) => ({
        name,
        session: await beginSession(endpoint.url, endpoint.token),
      })),
    )
    const asked = clients.flatMap(({ name, session }) =>
      [1, 2, 3, 4, 5].map(async (id) => {
        const body = callOf(id, 'server__echo', { text: `${name} ${id}` })
        const { messages } = await send(endpoint.url, { headers: session, body })
        return { expected: { id, text: `${name} ${id}` }, got: messages.map((it) => ({ id: it.id, text: textIn(it) })) }
      }),
    )
    for (const { expected, got } of await Promise.all(asked)) expect(got).toEqual([expected])
  })

  it('C26: that leave during a call have it cancelled, and the others notice nothing', async () => {
    const server = stdioServer()
    const { endpoint, supervisor } = await openGateway({ server })
    const [session, other] = [
      await beginSession(endpoint.url, endpoint.token),
      await beginSession(endpoint.url, endpoint.token),
    ]
    const leaving = new AbortController()
    const call = send(endpoint.url, {
      headers: session,
      body: callOf(1, 'server__sleep', { ms: 60_000 }),
      signal: leaving.signal,
    })
    await until(() => server.executed('sleep') === 1)
    leaving.abort()
    await expect(call).rejects.toMatchObject({ name: 'AbortError' })
    await until(() => server.received('notifications/cancelled') === 1)
    await until(() => supervisor.status('server').inFlight === 0)
    const { messages } = await send(endpoint.url, { headers: other, body: callOf(1, 'server__echo', { text: 'well' }) })
    expect(messages.map(textIn)).toEqual(['well'])
  })

  it('C26: of 2026-07-28 that give a call up have it cancelled too', async () => {
    const server = stdioServer()
    const { endpoint, supervisor } = await openGateway({ server })
    const client = await modernClient(endpoint)
    const leaving = new AbortController()
    const call = client.callTool({ name: 'server__sleep', arguments: { ms: 60_000 } }, { signal: leaving.signal })
    await until(() => server.executed('sleep') === 1)
    leaving.abort()
    await expect(call).rejects.toMatchObject({ name: expect.any(String) })
    await until(() => server.received('notifications/cancelled') === 1)
    await until(() => supervisor.status('server').inFlight === 0)
  })

  it('are let finish what is under way when the gateway closes, and find nobody after that', async () => {
    const server = stdioServer()
    const { endpoint, gateway } = await openGateway({ server })
    const session = await beginSession(endpoint.url, endpoint.token)
    const call = send(endpoint.url, { headers: session, body: callOf(1, 'server__sleep', { ms: 300 }) })
    await until(() => server.executed('sleep') === 1)
    const closed = gateway.close(10_000)
    expect((await call).messages).toMatchObject([{ id: 1, result: {} }])
    await closed
    await expect(send(endpoint.url, { headers: session, body: callOf(2, 'server__echo') })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    expect(gateway.clients()).toEqual([])
  })

  it('that do not finish in time are let go', async () => {
    const server = stdioServer()
    const { endpoint, gateway } = await openGateway({ server })
    const session = await beginSession(endpoint.url, endpoint.token)
    const call = send(endpoint.url, { headers: session, body: callOf(1, 'server__sleep', { ms: 60_000 }) })
    const ended = call.then(
      () => 'ended',
      () => 'cut',
    )
    await until(() => server.executed('sleep') === 1)
    await gateway.close(50)
    await ended
    await until(() => server.received('notifications/cancelled') === 1)
  })

  it.each([
    ['no JSON', 400, { body: '{"jsonrpc":' }],
    ['JSON that is no message', 400, { body: '{"hello":"world"}' }],
    ['JSON nested without end', 400, { body: `${'['.repeat(20_000)}${']'.repeat(20_000)}` }],
    ['a byte that is no UTF-8', 400, { body: Buffer.from([0x22, 0xff, 0x22]).toString('latin1') }],
    ['a long body', 413, { body: `"${'x'.repeat(70_000)}"` }],
    ['a body that is said to be long', 413, { body: '{}', headers: { 'content-length': 5_000_000 } }],
    ['another type of body', 415, { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['a body that swells', 415, { body: 'x', headers: { 'content-encoding': 'gzip' } }],
    ['an unknown session', 404, { body: callOf(1, 'server__echo'), headers: { 'mcp-session-id': 'guessed' } }],
    ['a request without session', 400, { body: callOf(1, 'server__echo') }],
    ['another path', 404, { path: '/admin', body: initialize }],
    ['another method', 405, { method: 'PUT', body: initialize }],
    ['long headers', 431, { body: initialize, headers: { 'x-long': 'x'.repeat(20_000) } }],
  ])('C29: that send %s are answered %i, and the others notice nothing', async (_, status, request) => {
    const { endpoint } = await openGateway({ server: stdioServer() }, {}, { maxBodyBytes: 65_536 })
    const well = await beginSession(endpoint.url, endpoint.token)
    const headers = { authorization: `Bearer ${endpoint.token}`, ...('headers' in request && request.headers) }
    const hostile = send(endpoint.url, { ...request, headers }).catch((error: unknown) => error)
    const answer = (await hostile) as { status?: number; code?: string }
    // Who is turned away before his body was read may see the connection end first.
    if (answer.code === undefined) expect(answer.status).toBe(status)
    else expect(answer.code).toMatch(/ECONNRESET|EPIPE/)
    const { messages } = await send(endpoint.url, { headers: well, body: callOf(1, 'server__echo', { text: 'well' }) })
    expect(messages.map(textIn)).toEqual(['well'])
  })

  it('C29: that begin session after session find an end of it', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() }, {}, { maxSessions: 3, token: false })
    const begin = () => send(endpoint.url, { body: initialize })
    const statuses = (await Promise.all([begin(), begin(), begin(), begin()])).map(({ status }) => status)
    expect(statuses.filter((status) => status === 503)).toHaveLength(1)
  })

  it('that leave while it is looked up what they call get no process of their own any more', async () => {
    const server = stdioServer({ 'tools/list': { mode: 'late', ms: 500 } }, { session: 'per-client' })
    const { endpoint, gateway, supervisor } = await openGateway({ server })
    const session = await beginSession(endpoint.url, endpoint.token)
    const call = send(endpoint.url, { headers: session, body: callOf(1, 'server__echo', { text: 'late' }) })
    await until(() => server.received('tools/list') > 0)
    await send(endpoint.url, { headers: session, method: 'DELETE' })
    await call.catch(() => undefined)
    expect(gateway.clients()).toEqual([])
    await supervisor.listTools('server')
    await new Promise((resolve) => setImmediate(resolve))
    expect(leasesOf(supervisor)).toEqual([])
  })

  it('C29: that leave a session behind find it gone later', async () => {
    const { endpoint, gateway } = await openGateway({ server: stdioServer() }, {}, { sessionIdleMs: 50 })
    const session = await beginSession(endpoint.url, endpoint.token)
    await until(() => gateway.clients().length === 0)
    expect(await send(endpoint.url, { headers: session, body: callOf(1, 'server__echo') })).toMatchObject({
      status: 404,
    })
  })
})

describe('X05: pages of strangers', () => {
  it.each([
    ['under a name that is not ours', 421, { host: 'evil.example.com' }],
    ['under a name that begins like ours', 421, { host: 'localhost.evil.example.com' }],
    ['under a name that is none', 421, { host: 'a b' }],
    ['from another origin', 403, { origin: 'http://evil.example.com' }],
    ['from an origin that hides', 403, { origin: 'null' }],
  ])('X05: a request %s is answered %i before its token is looked at', async (_, status, headers) => {
    const { endpoint, gateway } = await openGateway({ server: stdioServer() })
    const authorization = `Bearer ${endpoint.token}`
    expect(await send(endpoint.url, { headers: { authorization, ...headers }, body: initialize })).toMatchObject({
      status,
    })
    expect(await send(endpoint.url, { headers, body: initialize })).toMatchObject({ status })
    expect(gateway.clients()).toEqual([])
  })

  it('X05: names and origins that are listed may come in, those of this machine always', async () => {
    const allowed = { allowedHosts: ['gateway.test'], allowedOrigins: ['app.test'] }
    const { endpoint } = await openGateway({ server: stdioServer() }, {}, allowed)
    const authorization = `Bearer ${endpoint.token}`
    for (const headers of [
      { host: 'gateway.test:80' },
      { origin: 'https://app.test' },
      { host: 'localhost', origin: 'http://localhost:8080' },
    ])
      expect(await send(endpoint.url, { headers: { authorization, ...headers }, body: initialize })).toMatchObject({
        status: 200,
      })
  })

  it('X05: nobody but this machine is listened to unless it is said, and then only with a token', async () => {
    const { endpoint, gateway } = await openGateway({ server: stdioServer() })
    expect(new URL(endpoint.url).hostname).toBe('127.0.0.1')
    await expect(gateway.listen({ host: '0.0.0.0', token: false })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: '"token" must not be false on 0.0.0.0: whoever reaches it could use every server',
    })
    const open = await gateway.listen({ host: '0.0.0.0' })
    expect(open.token).toMatch(/^[\w-]{32}$/)
    const local = `http://127.0.0.1:${new URL(open.url).port}/mcp`
    expect(await send(local, { body: initialize })).toMatchObject({ status: 401 })
    expect(await send(local, { headers: { authorization: `Bearer ${open.token}` }, body: initialize })).toMatchObject({
      status: 200,
    })
  })
})

describe('X06: tokens and sessions', () => {
  const tokens = { reader: 'r'.repeat(20), writer: 'w'.repeat(20) }
  const views = { reader: { token: tokens.reader, deny: ['server/add'] }, writer: { token: tokens.writer } }

  it.each([
    ['none', undefined],
    ['a wrong one', 'Bearer wrong'],
    ['one that begins rightly', `Bearer ${tokens.reader.slice(0, -1)}`],
    ['one in other words', `Basic ${tokens.reader}`],
    ['an empty one', 'Bearer '],
  ])('X06: %s is answered 401, and what is asked for is said', async (_, authorization) => {
    const { endpoint } = await openGateway({ server: stdioServer() }, { views })
    const answer = await send(endpoint.url, {
      headers: { ...(authorization !== undefined && { authorization }) },
      body: initialize,
    })
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
    expect(answer.text).not.toContain(tokens.reader)
  })

  it('X06: a session is no proof of who somebody is: with another token it does not exist', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() }, { views })
    const session = await beginSession(endpoint.url, tokens.writer)
    const stolen = { ...session, authorization: `Bearer ${tokens.reader}` }
    expect(await send(endpoint.url, { headers: stolen, body: callOf(1, 'server__echo') })).toMatchObject({
      status: 404,
    })
    expect(await send(endpoint.url, { headers: stolen, method: 'DELETE' })).toMatchObject({ status: 404 })
    const { messages } = await send(endpoint.url, {
      headers: session,
      body: callOf(1, 'server__echo', { text: 'mine' }),
    })
    expect(messages.map(textIn)).toEqual(['mine'])
  })

  it('X06: sessions have ids that nobody can guess', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() }, {}, { token: false })
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await beginSession(endpoint.url))['mcp-session-id']),
    )
    expect(new Set(ids).size).toBe(20)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/)
  })

  it('X06: what a client sends to prove itself, or to choose a server, reaches no server', async () => {
    const server = await httpServer({}, {}, { authorization: 'Bearer of-the-configuration' })
    const { endpoint } = await openGateway({ server })
    const session = await beginSession(endpoint.url, endpoint.token)
    const headers = {
      ...session,
      'x-mcp-url': 'http://evil.example.com',
      'x-forwarded-host': 'evil.example.com',
      cookie: 'a=b',
    }
    const { messages } = await send(endpoint.url, { headers, body: callOf(1, 'server__echo', { text: 'hello' }) })
    expect(messages.map(textIn)).toEqual(['hello'])
    const seen = JSON.stringify(server.fixture.journal)
    expect(seen).toContain('of-the-configuration')
    for (const secret of [endpoint.token ?? '-', session['mcp-session-id'] ?? '-', 'evil.example.com', 'a=b'])
      expect(seen).not.toContain(secret)
  })

  it('X06: no secret of a server, and nothing of its stderr, is in what a client is told of its failure', async () => {
    const secret = 'canary-4f2a9c81d7'
    const { entry } = stdioServer({
      'tools/call:echo': { mode: 'error', message: `no ${secret}` },
      'tools/call:add': { mode: 'throw', message: secret },
    })
    const server = { ...entry, env: { ...entry.env, SECRET: secret } }
    const { endpoint } = await openGateway({ server })
    const session = await beginSession(endpoint.url, endpoint.token)
    for (const name of ['server__echo', 'server__add']) {
      const { text, messages } = await send(endpoint.url, { headers: session, body: callOf(1, name, { a: 1, b: 2 }) })
      expect(messages).toMatchObject([{ error: { code: expect.any(Number) } }])
      expect(text).not.toContain(secret)
      expect(text).not.toContain('stderr')
    }
  })

  it('X06: a view is the same for the list and for the call', async () => {
    const { endpoint } = await openGateway({ server: stdioServer() }, { views })
    for (const [name, token] of Object.entries(tokens)) {
      const client = await legacyClient({ url: endpoint.url, token })
      const names = (await client.listTools()).tools.map((tool) => tool.name)
      expect(names.includes('server__add')).toBe(name === 'writer')
      const call = client.callTool({ name: 'server__add', arguments: { a: 1, b: 2 } })
      if (name === 'writer') expect(await call).toMatchObject({ content: [{ text: '3' }] })
      else await expect(call).rejects.toMatchObject({ code: -32602 })
    }
  })

  it('X06: a server that a view has nothing to do with is not even started for it', async () => {
    const [mine, other] = [stdioServer(), stdioServer()]
    const token = 't'.repeat(20)
    const { endpoint } = await openGateway({ mine, other }, { views: { narrow: { token, allow: ['mine/echo'] } } })
    const client = await legacyClient({ url: endpoint.url, token })
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['mine__echo'])
    await expect(client.callTool({ name: 'other__echo', arguments: {} })).rejects.toMatchObject({ code: -32602 })
    expect(await client.listResources()).toEqual({ resources: [] })
    expect(mine.pids()).toHaveLength(1)
    expect(other.pids()).toEqual([])
  })

  it('X06: two views with one token are refused, and so is one that can be guessed', () => {
    const supervisor = supervise({ server: stdioServer() })
    const token = 't'.repeat(20)
    expect(() => createGateway(supervisor, { views: { a: { token }, b: { token } } })).toThrow(
      'must not be that of another view',
    )
    expect(() => createGateway(supervisor, { views: { a: { token: 'short' } } })).toThrow(
      '"token" must be a text of at least 16',
    )
  })
})
