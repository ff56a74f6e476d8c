import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { httpServer, stdioServer, supervise, textOf } from '../support/fixture-servers.js'
import { errorOf } from '../support/rejection.js'
import { httpSurface, stdioSurface } from './surfaces.js'

const add = { a: 2, b: 3 }

describe('the era of a server', () => {
  it('is that of the handshake for a server of both, with one process', async () => {
    const server = stdioSurface('both')
    const supervisor = supervise({ server })
    expect(textOf(await supervisor.callTool('server', 'add', add))).toBe('5')
    expect(supervisor.status('server').protocolVersion).toBe('2025-11-25')
    expect(server.starts()).toBe(1)
  })

  it('is the modern one for a server that has no handshake, with one process', async () => {
    const server = stdioSurface('modern')
    const supervisor = supervise({ server })
    expect(textOf(await supervisor.callTool('server', 'add', add))).toBe('5')
    expect(await supervisor.listTools('server')).toHaveLength(9)
    expect(supervisor.status('server')).toMatchObject({ protocolVersion: '2026-07-28', generation: 1 })
    expect(server.starts()).toBe(1)
  })

  it('is that of the handshake for a server that knows no other, with one process', async () => {
    const server = stdioServer()
    const supervisor = supervise({ server })
    expect(textOf(await supervisor.callTool('server', 'add', add))).toBe('5')
    expect(supervisor.status('server')).toMatchObject({ protocolVersion: '2025-11-25', generation: 1 })
    expect(server.pids()).toHaveLength(1)
    expect(server.received('server/discover')).toBe(0)
  })

  it('is that of the handshake for a server on the first line of the SDK', async () => {
    const program = fileURLToPath(new URL('../fixtures/servers/sdk-v1.mjs', import.meta.url))
    const supervisor = supervise({ server: { command: process.execPath, args: [program] } })
    expect(textOf(await supervisor.callTool('server', 'add', add))).toBe('5')
    expect(supervisor.status('server').protocolVersion).toBe('2025-11-25')
  })

  it('can be forced', async () => {
    const server = stdioSurface('both', { protocolEra: 'modern' })
    const supervisor = supervise({ server })
    expect(textOf(await supervisor.callTool('server', 'add', add))).toBe('5')
    expect(supervisor.status('server').protocolVersion).toBe('2026-07-28')
  })

  it('is not another one than was forced', async () => {
    const supervisor = supervise({ server: stdioSurface('modern', { protocolEra: 'legacy' }) })
    const error = await errorOf(supervisor.connect('server'))
    expect(error).toMatchObject({ code: 'HANDSHAKE_FAILED', retryable: false, mcp: { code: -32022 } })
  })

  it('is remembered: the second connection begins with it', async () => {
    const { url, requests } = await httpSurface({ legacy: false })
    const supervisor = supervise({ server: { url } })
    await supervisor.connect('server')
    await supervisor.restart('server')
    const methods = requests.map(({ message }) => message?.method)
    expect(methods.filter((method) => method === 'initialize')).toHaveLength(1)
    expect(methods.filter((method) => method === 'server/discover')).toHaveLength(2)
  })

  it('is learnt over HTTP too, in every form of the transport', async () => {
    const { url } = await httpSurface({ legacy: false })
    const supervisor = supervise({ auto: { url }, http: { type: 'http', url } })
    for (const name of ['auto', 'http']) {
      expect(textOf(await supervisor.callTool(name, 'add', add))).toBe('5')
      expect(supervisor.status(name).protocolVersion).toBe('2026-07-28')
    }
  })

  it('is that of the handshake over HTTP for a server of both, and for one that knows no other', async () => {
    const both = await httpSurface()
    const legacy = await httpServer()
    const supervisor = supervise({ both: { url: both.url }, legacy })
    for (const name of ['both', 'legacy']) {
      expect(textOf(await supervisor.callTool(name, 'add', add))).toBe('5')
      expect(supervisor.status(name)).toMatchObject({ protocolVersion: '2025-11-25', generation: 1 })
    }
    const asked = [both.requests, legacy.fixture.requests('POST')].map((requests) =>
      requests.flatMap(({ message }) => message?.method ?? []),
    )
    for (const methods of asked) {
      expect(methods.filter((method) => method === 'initialize')).toHaveLength(1)
      expect(methods).not.toContain('server/discover')
    }
  })

  it('is neither for a server that refuses both, and both reasons are told', async () => {
    const refusal = { mode: 'error', code: -32022, message: 'too old', data: { supported: ['2027-01-01'] } }
    const server = stdioServer({ initialize: refusal })
    const supervisor = supervise({ server })
    const error = await errorOf(supervisor.connect('server'))
    expect(error).toMatchObject({ code: 'HANDSHAKE_FAILED', retryable: false, mcp: { code: -32022 } })
    expect(error.message).toContain('too old')
    expect(error.message).toContain('Method not found: server/discover')
    expect(server.pids()).toHaveLength(1)
  })

  it('is neither over HTTP either', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32022, message: 'too old' } })
    const headers = { 'content-type': 'application/json' }
    const server = await httpServer({ initialize: { do: 'status', status: 400, headers, body } })
    const error = await errorOf(supervise({ server }).connect('server'))
    expect(error).toMatchObject({ code: 'HANDSHAKE_FAILED', retryable: false, mcp: { code: -32022 } })
    expect(error.message).toMatch(/too old; as 2026-07-28: .* answered 400/)
    const asked = server.fixture.requests('POST').map(({ message }) => message?.method)
    expect(asked).toEqual(['initialize', 'server/discover'])
  })

  it('is not looked for again when a handshake fails for another reason', async () => {
    const server = stdioServer({ initialize: { mode: 'error', code: -32603, message: 'broken' } })
    const error = await errorOf(supervise({ server }).connect('server'))
    expect(error.code).toBe('HANDSHAKE_FAILED')
    expect(server.received('server/discover')).toBe(0)
  })
})
