import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connectedPair, failureOf, faultyServer, startedClient, textOf } from '../../fixtures/servers/http-client.js'

describe('a redirect', () => {
  const headers = { authorization: 'Bearer canary' }

  it('H17: to another origin is blocked before anything is sent there', async () => {
    const sink = await faultyServer()
    const { client } = await connectedPair({ echo: { do: 'redirect', to: `${sink.url}?token=canary` } }, { headers })
    const failure = await client.failing('echo')
    expect(failure).toMatchObject({ code: 'HANDSHAKE_FAILED', delivered: 'no', retryable: false, httpStatus: 307 })
    expect(failure.message).toContain(`a redirect to http://127.0.0.1:${sink.port}, which is another origin`)
    expect(JSON.stringify(failure)).not.toContain('canary')
    expect(sink.journal).toEqual([])
  })

  it.each([
    [
      'cloud metadata',
      'http://169.254.169.254/latest/meta-data/',
      /to http:\/\/169\.254\.169\.254, which is another origin/,
    ],
    ['a file', 'file:///etc/passwd', /to file:, which is another origin/],
    ['nowhere', 'http://', /names no address/],
  ])('H18: to %s is blocked', async (_what, to, message) => {
    const { client } = await connectedPair({ echo: { do: 'redirect', to } })
    expect((await client.failing('echo')).message).toMatch(message)
  })

  it('H18: to userinfo is blocked', async () => {
    const { server, client } = await connectedPair()
    server.set({ echo: { do: 'redirect', to: server.url.replace('//', '//me:pass@') } })
    const { message } = await client.failing('echo')
    expect(message).toContain('to an address with userinfo')
    expect(message).not.toContain('pass')
  })

  it('H18: a loop ends at five', async () => {
    const { server, client } = await connectedPair({ echo: { do: 'redirect', to: '/mcp?again' } })
    expect((await client.failing('echo')).message).toContain('after 5 others')
    expect(server.journal.filter(({ message }) => message?.id === 2).length).toBe(6)
  })

  it.each([307, 308])('H19: %i within the origin is followed with the method kept', async (status) => {
    const { server, client } = await connectedPair(
      { echo: { do: 'redirect', to: '/mcp?moved', status, times: 1 } },
      { headers },
    )
    expect(textOf(await client.call('echo', { text: 'here' }))).toBe('here')
    expect(server.requests('POST').at(-1)).toMatchObject({ path: '/mcp?moved', headers })
  })

  it('H19: one that would turn a POST into a GET is blocked', async () => {
    const { client } = await connectedPair({ echo: { do: 'redirect', to: '/mcp', status: 302 } })
    expect((await client.failing('echo')).message).toContain('that turns POST into GET')
  })
})

describe('an answer that is not HTTP', () => {
  it.each(['not-http', 'huge-headers'])('H15: %s fails the call as unlawful', async (fault) => {
    const { client } = await connectedPair({ echo: fault })
    expect(await client.failing('echo')).toMatchObject({
      code: 'RESPONSE_INVALID',
      delivered: 'maybe',
      retryable: false,
    })
    expect(textOf(await client.call('add', { a: 1, b: 2 }))).toBe('3')
  })
})

describe('TLS', () => {
  it('H16: a server that speaks no TLS fails for good, with no request in the clear', async () => {
    const server = await faultyServer()
    const client = await startedClient(server.url.replace('http:', 'https:'), { transport: 'auto' })
    expect(await failureOf(client.initialize())).toMatchObject({
      code: 'HANDSHAKE_FAILED',
      delivered: 'no',
      retryable: false,
    })
    expect(server.journal).toEqual([])
  })

  it.skipIf(!hasOpenssl())('H16: a certificate nobody trusts fails for good', async () => {
    const server = await faultyServer({}, { tls: selfSigned() })
    const client = await startedClient(server.url, { transport: 'auto' })
    const failure = await failureOf(client.initialize())
    expect(failure).toMatchObject({ code: 'HANDSHAKE_FAILED', delivered: 'no', retryable: false })
    expect(failure.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(server.journal).toEqual([])
  })

  it('a server that hangs up within the handshake got nothing of the request', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.destroy()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const client = await startedClient(`https://127.0.0.1:${port}/mcp`)
    expect(await failureOf(client.initialize())).toMatchObject({ code: 'CONNECTION_LOST', delivered: 'no' })
    await new Promise((resolve) => server.close(resolve))
  })
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
}

function selfSigned(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return pair
}
