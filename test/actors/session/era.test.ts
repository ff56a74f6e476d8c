import { describe, expect, it, onTestFinished } from 'vitest'

import { openSession } from '../../../src/actors/session/era.js'
import { createHttpTransport } from '../../../src/actors/http/http-transport.js'
import type { Era } from '../../../src/config/entry.js'
import { systemClock } from '../../../src/clock.js'
import { createCancellation } from '../../../src/calls/cancellation.js'
import { startHttpServer } from '../../fixtures/servers/http.mjs'
import { httpSurface } from '../../protocol/surfaces.js'

/** A session with the server at a URL, of which so much was learnt before. */
async function openedSession(url: string, known: Era, learnt: (Era | undefined)[] = []) {
  const transport = createHttpTransport(
    { transport: 'http', url, headers: {} },
    { server: 's', shutdownTimeoutMs: 100 },
  )
  onTestFinished(async () => void (await transport.end()))
  const session = await openSession(transport, {
    server: 's',
    clock: systemClock,
    clientInfo: { name: 'test', version: '1' },
    era: { learnt: () => known, learn: (era) => void learnt.push(era) },
    notified: () => undefined,
    violated: () => undefined,
    mask: (text) => text,
  })
  return { session, learnt, transport }
}

describe('what was learnt of the era of a server', () => {
  it('is found wrong when the server has another one now', async () => {
    const server = await startHttpServer()
    onTestFinished(() => server.close())
    const { session, learnt, transport } = await openedSession(server.url, 'modern')
    expect(session.info.protocolVersion).toBe('2025-11-25')
    expect(learnt).toEqual(['legacy'])
    expect(transport.sessionId).toBe(server.sessions[0])
    const call = { name: 'echo', arguments: { text: 'hi' } }
    const result = await session.request('tools/call', call, { cancellation: createCancellation() })
    expect(result).toMatchObject({ content: [{ text: 'hi' }] })
  })

  it('is found wrong the other way round too', async () => {
    const { url } = await httpSurface({ legacy: false })
    const { session, learnt } = await openedSession(url, 'legacy')
    expect(session.info).toMatchObject({ protocolVersion: '2026-07-28', serverInfo: { name: 'surface' } })
    expect(learnt).toEqual(['modern'])
  })

  it('is forgotten when it opens nothing: a server that is another now may not answer in its old era', async () => {
    const server = await startHttpServer({ 'server/discover': 'reset' })
    onTestFinished(() => server.close())
    const learnt: (Era | undefined)[] = []
    await expect(openedSession(server.url, 'modern', learnt)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(learnt).toEqual([undefined])
  })
})
