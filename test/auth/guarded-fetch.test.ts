import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rangeOf } from '../../src/auth/address-range.js'
import { createGuardedFetch } from '../../src/auth/guarded-fetch.js'
import { addressProblem, reachOf, urlProblem } from '../../src/auth/lawful-url.js'

const far = reachOf(new URL('https://mcp.example/mcp'), [])
const near = reachOf(new URL('http://127.0.0.1:1/mcp'), [])
const named = reachOf(new URL('https://mcp.inside.example/mcp'), ['sso.inside.example'])

describe('an address', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['127.1.2.3', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00:ec2::254', 'private'],
    ['64:ff9b::a00:1', 'private'],
    ['169.254.169.254', 'forbidden'],
    ['::ffff:169.254.169.254', 'forbidden'],
    ['64:ff9b::a9fe:a9fe', 'forbidden'],
    ['fe80::1', 'forbidden'],
    ['0.0.0.0', 'forbidden'],
    ['::', 'forbidden'],
    ['255.255.255.255', 'forbidden'],
    ['2002:7f00:1::', 'forbidden'],
    ['no address', 'forbidden'],
  ])('%s is %s', (address, range) => {
    expect(rangeOf(address)).toBe(range)
  })
})

describe('what a server far away names', () => {
  test.each([
    ['http://example.com/', /must be https/],
    ['https://user:pass@example.com/', /credentials/],
    ['https://localhost/', /on this machine/],
    ['http://127.0.0.1/', /on this machine/],
    ['https://2130706433/', /on this machine/],
    ['https://0x7f.1/', /on this machine/],
    ['https://[::ffff:7f00:1]/', /on this machine/],
    ['https://169.254.169.254/', /forbidden/],
    ['https://192.168.0.1/', /private/],
    ['ftp://example.com/', /must be https/],
    ['nonsense', /no URL/],
    [`https://example.com/${'a'.repeat(9_000)}`, /longer than/],
  ])('may not be %s', (url, problem) => {
    expect(urlProblem(url, far)).toMatch(problem)
  })

  test('may be public, or private where the configuration names it; link-local nowhere', () => {
    expect(urlProblem('https://auth.example/', far)).toBeUndefined()
    expect(addressProblem('sso.inside.example', '10.0.0.1', named)).toBeUndefined()
    expect(addressProblem('mcp.inside.example', '10.0.0.1', named)).toBeUndefined()
    expect(addressProblem('other.inside.example', '10.0.0.1', named)).toMatch(/private/)
    expect(addressProblem('sso.inside.example', '169.254.169.254', named)).toMatch(/forbidden/)
    expect(addressProblem('localhost', '127.0.0.1', near)).toBeUndefined()
    expect(addressProblem('rebound.example', '127.0.0.1', near)).toMatch(/loopback/)
  })
})

describe('a guarded fetch', () => {
  const bounds = { timeoutMs: 1_000, signal: new AbortController().signal }

  test('does not connect to a host whose name leads inside, at the moment it would', async () => {
    let connections = 0
    const sink = createServer().on('connection', () => connections++)
    await new Promise<void>((resolve) => sink.listen(0, '0.0.0.0', resolve))
    onTestFinished(() => void sink.close())
    const { port } = sink.address() as AddressInfo
    const fetch = createGuardedFetch({ ...bounds, reach: far })
    await expect(fetch(`https://${hostname()}:${port}/`)).rejects.toThrow(/leads to|failed: E/)
    await expect(fetch(`https://localhost.localdomain:${port}/`)).rejects.toThrow(/leads to|failed: E/)
    expect(connections).toBe(0)
  })

  test('leaves a redirect to its caller', async () => {
    const server = createServer((_, res) => res.writeHead(302, { location: 'https://10.0.0.1/' }).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const answer = await createGuardedFetch({ ...bounds, reach: near })(`http://127.0.0.1:${port}/`)
    expect(answer.status).toBe(302)
  })

  test('asks a second time for what broke off, but sends no token request twice', async () => {
    const asked: string[] = []
    const server = createServer((req, res) => {
      asked.push(req.method ?? '')
      if (asked.length % 2 === 1) return void res.socket?.destroy()
      res.end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const fetch = createGuardedFetch({ ...bounds, reach: near })
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
    await expect(fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'a=b' })).rejects.toThrow(/failed/)
    expect(asked).toEqual(['GET', 'GET', 'POST'])
  })
})
