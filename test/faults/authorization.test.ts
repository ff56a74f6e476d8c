import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Supervisor, type SupervisorEvent } from '../../src/index.js'
import {
  type AuthorizationServer,
  type AuthorizationSwitches,
  authorizationServer,
  json,
} from '../fixtures/authorization/server.js'
import { type ProtectedSwitches, protectedServer, sayYes } from '../fixtures/authorization/protected.js'
import { httpServer, supervise, textOf } from '../support/fixture-servers.js'
import { seen } from '../support/fault-canaries.js'
import { errorOf } from '../support/rejection.js'

const machine = { clientId: 'machine', clientSecret: 'secret-of-machine', grantType: 'client_credentials' }
/** For servers that are silent: nobody waits for them for long. */
const impatient = { retries: 1, minTimeoutMs: 20, connectTimeoutMs: 2_000 }

/** A server behind an authorization server with these faults, supervised. */
async function guarded(
  faults: AuthorizationSwitches = {},
  {
    oauth,
    policy = { retries: 1, minTimeoutMs: 20 },
    ...given
  }: ProtectedSwitches & { oauth?: object; policy?: object } = {},
) {
  const authorization = await authorizationServer(faults)
  const server = await protectedServer(given, authorization)
  const { entry } = await httpServer()
  const supervisor = supervise({ api: { url: server.url, supervisor: policy, ...(oauth && { oauth }) }, other: entry })
  const events: SupervisorEvent[] = []
  supervisor.on('*', (event) => events.push(event))
  const required = () => events.filter(({ type }) => type === 'auth.required')
  return { ...server, supervisor, events, required }
}

/** A login, then everything that was given ends, the refresh tokens too if `which` says so. */
async function expired(which: 'access' | 'all', faults: AuthorizationSwitches = {}) {
  const bench = await guarded(faults)
  await bench.supervisor.authorize('api', { open: sayYes })
  bench.authorization.expire(which)
  return bench
}

async function neighbourAnswers(supervisor: Supervisor): Promise<void> {
  expect(textOf(await supervisor.callTool('other', 'echo', { text: 'well' }))).toBe('well')
}

const grants = (authorization: AuthorizationServer, grant: string) => authorization.asked('/token', grant).length

describe('a refused request', () => {
  test('H01: 401 is AUTH_REQUIRED at once without anything to try, else one refresh and one resend', async () => {
    const { supervisor, fixture, refused, authorization } = await guarded()
    expect(await errorOf(supervisor.connect('api'))).toMatchObject({ code: 'AUTH_REQUIRED', delivered: 'no' })
    expect(refused).toHaveLength(1)
    await supervisor.authorize('api', { open: sayYes })
    authorization.expire()
    expect(textOf(await supervisor.callTool('api', 'counter'))).toBe('1')
    expect(fixture.calls('counter')).toHaveLength(1)
    expect(grants(authorization, 'refresh_token')).toBe(1)
  })

  test('H02: 403 for want of a scope is one wider token, and AUTH_FAILED when that is refused too', async () => {
    const grant = () => 'read'
    const { supervisor, authorization, fixture } = await guarded(
      { grant },
      { oauth: machine, scope: 'read', toolScopes: { counter: 'write' } },
    )
    await supervisor.connect('api')
    const error = await errorOf(supervisor.callTool('api', 'counter'))
    expect(error).toMatchObject({ code: 'AUTH_FAILED', httpStatus: 403, delivered: 'no', retryable: false })
    expect(authorization.asked('/token')).toHaveLength(2)
    expect(fixture.calls()).toEqual([])
    expect(supervisor.status('api').state).toBe('ready')
  })
})

describe('an authorization server', () => {
  test.each<[string, AuthorizationSwitches, RegExp]>([
    ['answers 500 for its metadata', { intercept: failing('/.well-known/', 500) }, /discovery: .*500/],
    ['answers nothing for its metadata', { intercept: silent('/.well-known/') }, /discovery: .*did not answer within/],
    ['answers 500 for a token', { intercept: failing('/token', 500) }, /token: refused with server_error/],
    ['answers nothing for a token', { intercept: silent('/token') }, /token: .*did not answer within/],
    ['breaks off', { intercept: broken }, /discovery: .*failed: UND_ERR_SOCKET/],
  ])('H40: that %s makes AUTH_FAILED with the step, of that server alone', async (_, faults, message) => {
    const { supervisor } = await guarded(faults, { oauth: machine, policy: impatient })
    const error = await errorOf(supervisor.connect('api'))
    expect(error).toMatchObject({ code: 'AUTH_FAILED', message: expect.stringMatching(message) as string })
    expect(supervisor.status('api').state).toBe('failed')
    await neighbourAnswers(supervisor)
  })

  test('H40: that comes back is used again', async () => {
    const { supervisor, authorization } = await guarded({ intercept: failing('/token', 500) }, { oauth: machine })
    await errorOf(supervisor.connect('api'))
    authorization.set({})
    await supervisor.connect('api')
    expect(supervisor.status('api').state).toBe('ready')
  })

  test('H40: that is down during a refresh costs no token', async () => {
    const { supervisor, authorization } = await expired('access')
    authorization.set({ intercept: failing('/token', 503) })
    expect(await errorOf(supervisor.callTool('api', 'echo', {}))).toMatchObject({ code: 'AUTH_FAILED' })
    authorization.set({})
    await supervisor.connect('api')
    expect(authorization.asked('/authorize')).toHaveLength(1)
  })

  test.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://example.com/authorize',
    'https://somebody:secret@example.com/authorize',
    'https://10.0.0.1/authorize',
    'ms-msdt:/id%20PCWDiagnostic',
    'https://example.com/$(calc.exe)?"; calc; "',
  ])('H41: whose login is at %s opens nothing but an address of the web', async (address) => {
    const { supervisor, required } = await guarded({ metadata: () => ({ authorization_endpoint: address }) })
    const opened: string[] = []
    const open = (url: string) => void opened.push(url)
    const error = await errorOf(supervisor.authorize('api', { open, timeoutMs: 50 }))
    expect(error.code).toBe('AUTH_FAILED')
    for (const url of [...opened, ...required().map((event) => ('url' in event ? event.url : ''))]) {
      // What is left is one word of a URL, with nothing in it that a shell or a second argument could be made of.
      expect(url).toMatch(/^https:\/\/example\.com\/[^\s"'`<>\\|;]*$/)
    }
  })

  test.each<[string, AuthorizationSwitches, ProtectedSwitches]>([
    ['another issuer in its metadata', { metadata: () => ({ issuer: 'https://evil.example' }) }, {}],
    ['no PKCE', { metadata: () => ({ code_challenge_methods_supported: undefined }) }, {}],
    ['plain PKCE only', { metadata: () => ({ code_challenge_methods_supported: ['plain'] }) }, {}],
    ['metadata without end', { intercept: endless }, {}],
    ['metadata that are no JSON', { intercept: rubbish('/.well-known/') }, {}],
    ['another resource', {}, { resource: () => ({ resource: 'https://evil.example/mcp' }) }],
    ['a resource that is no URL', {}, { resource: () => ({ resource: 'nonsense' }) }],
    ['a token endpoint without https', { metadata: () => ({ token_endpoint: 'http://example.com/token' }) }, {}],
  ])('H43: with %s gets no code and no token', async (_, faults, given) => {
    const { supervisor, authorization } = await guarded(faults, { ...given, oauth: machine })
    expect(await errorOf(supervisor.connect('api'))).toMatchObject({ code: 'AUTH_FAILED', phase: 'auth' })
    expect(authorization.asked('/token')).toEqual([])
    expect(authorization.asked('/authorize')).toEqual([])
  })

  test('H44: that revoked the refresh token makes AUTH_REQUIRED, once', async () => {
    const { supervisor, authorization, required } = await expired('all')
    const before = required().length
    const calls = await Promise.all(Array.from({ length: 5 }, () => errorOf(supervisor.callTool('api', 'echo', {}))))
    expect(calls.map(({ code }) => code)).toEqual(Array(5).fill('AUTH_REQUIRED'))
    expect(await errorOf(supervisor.callTool('api', 'echo', {}))).toMatchObject({ code: 'AUTH_REQUIRED' })
    expect(grants(authorization, 'refresh_token')).toBe(1)
    expect(required().length - before).toBe(1)
    await expect.poll(() => supervisor.status('api').state).toBe('failed')
  })

  test('H45: is asked once for 100 calls that meet an expired token, and each is executed once', async () => {
    const { supervisor, authorization, fixture } = await expired('access')
    const texts = Array.from({ length: 100 }, (_, n) => String(n))
    const answers = await Promise.all(texts.map((text) => supervisor.callTool('api', 'echo', { text })))
    expect(answers.map(textOf)).toEqual(texts)
    expect(grants(authorization, 'refresh_token')).toBe(1)
    expect(fixture.calls('echo')).toHaveLength(100)
  })

  test.each<[string, AuthorizationSwitches]>([
    ['no JSON', { intercept: rubbish('/token') }],
    ['JSON of another shape', { intercept: answering({ hello: 'world' }) }],
    ['an error that echoes the secret', { intercept: echoing }],
  ])('H46: whose token endpoint answers %s betrays nothing', async (_, faults) => {
    const { supervisor, events } = await guarded(faults, { oauth: machine })
    const error = await errorOf(supervisor.connect('api'))
    expect(error).toMatchObject({ code: 'AUTH_FAILED', message: expect.stringMatching(/token: /) as string })
    for (const place of [error, events, supervisor.statuses(), supervisor.explain('api')]) {
      expect(seen(place)).not.toContain('secret-of-machine')
    }
  })

  test('H47: whose new token is refused at once is asked for no other', async () => {
    const { supervisor, authorization, fixture } = await expired('access', { grant: (scope) => scope })
    const end = authorization.expire
    // Each token ends before anybody can use it.
    authorization.set({ grant: (scope) => (setImmediate(() => end()), scope) })
    expect(await errorOf(supervisor.callTool('api', 'echo', {}))).toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining('just given') as string,
    })
    expect(grants(authorization, 'refresh_token')).toBe(1)
    expect(fixture.calls()).toEqual([])
  })
})

test('a tool whose calls are always refused is given up, also while other calls are taken', async () => {
  const { supervisor, authorization, fixture } = await guarded({}, { oauth: machine, refusedTool: 'counter' })
  await supervisor.connect('api')
  let isOver = false
  const others = (async () => {
    while (!isOver) {
      await supervisor.callTool('api', 'echo', { text: 'well' }).catch(() => {})
      await new Promise(setImmediate)
    }
  })()
  const error = await errorOf(supervisor.callTool('api', 'counter', {}, { timeoutMs: 10_000 }))
  isOver = true
  await others
  expect(error).toMatchObject({ code: 'AUTH_FAILED', httpStatus: 401, delivered: 'no' })
  expect(grants(authorization, 'client_credentials')).toBeLessThanOrEqual(4)
  expect(fixture.calls('counter')).toEqual([])
})

test.each([
  ['http to this network', (port: number) => `http://${lanAddress()}:${port}/meta`],
  ['https to this network', (port: number) => `https://${lanAddress()}:${port}/meta`],
  ['the metadata service of a cloud', () => 'https://169.254.169.254/latest/meta-data'],
  ['the same as IPv6', () => 'https://[::ffff:169.254.169.254]/latest'],
  ['the same as a number', () => 'https://2852039166/latest'],
  ['a private network', () => 'https://10.1.2.3/meta'],
  ['a unique local address', () => 'https://[fd00:ec2::254]/meta'],
])('H42: metadata at %s are not asked for', async (_, address) => {
  let asked = 0
  const sink = createServer((_request, response) => response.end(String(++asked)))
  await new Promise<void>((resolve) => sink.listen(0, '0.0.0.0', resolve))
  onTestFinished(() => void sink.close())
  sink.on('connection', () => asked++)
  const at = address((sink.address() as AddressInfo).port)
  for (const given of [{ metadataUrl: () => at }, { resource: () => ({ authorization_servers: [at] }) }]) {
    const { supervisor } = await guarded({}, { ...given, oauth: machine })
    expect(await errorOf(supervisor.connect('api'))).toMatchObject({ code: 'AUTH_FAILED' })
  }
  const intercept: ProtectedSwitches['intercept'] = (req, res) =>
    Boolean(req.url?.startsWith('/.well-known/')) && Boolean(res.writeHead(302, { location: at }).end())
  const { supervisor } = await guarded({}, { intercept, oauth: machine })
  expect(await errorOf(supervisor.connect('api'))).toMatchObject({ code: 'AUTH_FAILED' })
  expect(asked).toBe(0)
})

function lanAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((of) => of ?? [])
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '0.0.0.0'
}

type Intercept = NonNullable<AuthorizationSwitches['intercept']>

function failing(path: string, status: number): Intercept {
  return (asked, res) => asked.path.startsWith(path) && Boolean(json(res, status, { error: 'server_error' }) ?? true)
}

function silent(path: string): Intercept {
  return (asked) => asked.path.startsWith(path)
}

function broken(_: unknown, res: Parameters<Intercept>[1]): boolean {
  res.socket?.destroy()
  return true
}

function rubbish(path: string): Intercept {
  return (asked, res) =>
    asked.path.startsWith(path) && Boolean(res.writeHead(200).end('<html>secret-of-machine</html>'))
}

function endless(_: unknown, res: Parameters<Intercept>[1]): boolean {
  res.writeHead(200, { 'content-type': 'application/json' })
  res.end(JSON.stringify({ issuer: 'x'.repeat(2_000_000) }))
  return true
}

function answering(value: object): Intercept {
  return (asked, res) => asked.path === '/token' && Boolean(json(res, 200, value) ?? true)
}

function echoing(asked: Parameters<Intercept>[0], res: Parameters<Intercept>[1]): boolean {
  if (asked.path !== '/token') return false
  const basic = Buffer.from(asked.headers.authorization?.slice(6) ?? '', 'base64').toString()
  json(res, 400, { error: 'invalid_scope', error_description: `not for ${basic} ${asked.headers.authorization}` })
  return true
}
