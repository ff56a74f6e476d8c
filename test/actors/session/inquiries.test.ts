import { describe, expect, it, vi } from 'vitest'

import { createInquiries } from '../../../src/actors/session/inquiries.js'
import type { CallInFlight } from '../../../src/actors/session/call-in-flight.js'
import type { Message, Transport } from '../../../src/actors/transport.js'
import type { Handlers } from '../../../src/calls/handlers.js'

/** Inquiries that reach these handlers and these calls in flight, and what was replied to them. */
function inquiriesBench(handlers: Handlers, inFlight: CallInFlight[] = []) {
  const replies: Message[] = []
  const transport = { send: async (message: Message) => void replies.push(message) } as unknown as Transport
  const inquiries = createInquiries({ server: 's', transport, handlers, callers: () => inFlight })
  const ask = (id: number, method = 'roots/list') => inquiries.take({ jsonrpc: '2.0', id, method })
  return { inquiries, replies, ask }
}

const silent = { roots: () => new Promise<never>(() => {}) }

function callInFlight(id: number, handlers: Handlers, owner?: object): CallInFlight {
  const answer = vi.fn(async () => ({ result: { by: id } }))
  return { id, caller: { handlers, owner, answer, hear: () => {}, pause: () => () => {} } }
}

describe('what a server asks', () => {
  it('is left to others when no handler could answer it', () => {
    const { ask, inquiries } = inquiriesBench({})
    expect(ask(1, 'ping')).toBe(false)
    expect(inquiries.take({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })).toBe(false)
  })

  it('is answered outside of any call by the supervisor', async () => {
    const { ask, replies } = inquiriesBench({ roots: () => [{ uri: 'file:///a' }] })
    expect(ask(1)).toBe(true)
    await vi.waitFor(() =>
      expect(replies).toEqual([{ jsonrpc: '2.0', id: 1, result: { roots: [{ uri: 'file:///a' }] } }]),
    )
  })

  it('is refused in the words of JSON-RPC without a handler', async () => {
    const { ask, replies } = inquiriesBench({})
    ask(1, 'sampling/createMessage')
    await vi.waitFor(() => expect(replies).toMatchObject([{ id: 1, error: { code: -32601 } }]))
  })

  it('is answered for the only call in flight', async () => {
    const { ask, replies } = inquiriesBench({}, [callInFlight(7, {})])
    ask(1, 'elicitation/create')
    await vi.waitFor(() => expect(replies).toMatchObject([{ result: { by: 7 } }]))
  })

  it('is answered for none of several calls, but for folders that are the same for all', async () => {
    const handlers: Handlers = { roots: () => [] }
    const { ask, replies } = inquiriesBench(handlers, [callInFlight(7, handlers), callInFlight(8, handlers)])
    ask(1, 'elicitation/create')
    ask(2, 'roots/list')
    await vi.waitFor(() => expect(replies).toHaveLength(2))
    expect(replies).toMatchObject([
      { id: 1, error: { code: -32600 } },
      { id: 2, result: { roots: [] } },
    ])
  })

  it('is answered for any of several calls with one owner, until the last of them has settled', async () => {
    const owner = {}
    const { ask, replies } = inquiriesBench({}, [callInFlight(7, {}, owner), callInFlight(8, {}, owner)])
    ask(1, 'elicitation/create')
    await vi.waitFor(() => expect(replies).toMatchObject([{ result: { by: 7 } }]))

    const open = callInFlight(7, {}, owner)
    let signal: AbortSignal | undefined
    open.caller.answer = async (_, aborts) => {
      signal = aborts
      return new Promise(() => {})
    }
    const waiting = inquiriesBench({}, [open, callInFlight(8, {}, owner)])
    waiting.ask(1, 'elicitation/create')
    waiting.inquiries.settled(7)
    expect(signal?.aborted).toBe(false)
    waiting.inquiries.settled(8)
    expect(signal?.aborted).toBe(true)
  })

  it('gets no reply once the server has withdrawn it', async () => {
    const signals: AbortSignal[] = []
    const roots: NonNullable<Handlers['roots']> = async ({ signal }) => {
      signals.push(signal)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return []
    }
    const { ask, inquiries, replies } = inquiriesBench({ roots })
    ask(1)
    expect(inquiries.take({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })).toBe(true)
    await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true))
    expect(replies).toEqual([])
  })

  it('is bounded: the one after a hundred is refused at once', async () => {
    const { ask, replies } = inquiriesBench(silent)
    for (let id = 1; id <= 101; id += 1) ask(id)
    await vi.waitFor(() => expect(replies).toMatchObject([{ id: 101, error: { code: -32000 } }]))
  })
})
