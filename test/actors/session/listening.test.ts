import { expect, test, vi } from 'vitest'

import { startListening } from '../../../src/actors/session/listening.js'
import type { Message, Transport } from '../../../src/actors/transport.js'
import { SupervisorError, failure } from '../../../src/errors.js'
import { createVirtualClock } from '../../support/virtual-clock.js'

/** Listens to a server that tells changes of its tools, and of these resources. */
function listeningBench(resources: readonly string[] = []) {
  const sent: Message[] = []
  const send = (message: Message) => {
    sent.push(message)
    return new Promise<void>(() => {})
  }
  const clock = createVirtualClock()
  const listening = startListening({
    server: 's',
    clock,
    transport: { send } as unknown as Transport,
    capabilities: { tools: { listChanged: true } },
    dress: (_, params) => ({ params }),
    refused: () => new SupervisorError(failure('MCP_ERROR', 'refused')),
  })
  /** Agrees to the n-th subscription, as far as the server does. */
  async function agree(n: number): Promise<void> {
    await vi.waitFor(() => expect(asked()).toHaveLength(n))
    const { id, params } = asked()[n - 1] as Message
    const wanted =
      (params?.['notifications'] as { resourceSubscriptions?: string[] } | undefined)?.resourceSubscriptions ?? []
    const notifications = {
      toolsListChanged: true,
      resourceSubscriptions: wanted.filter((uri) => resources.includes(uri)),
    }
    const meta = { 'io.modelcontextprotocol/subscriptionId': id }
    listening.take({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { _meta: meta, notifications },
    })
  }
  const asked = () => sent.filter(({ method }) => method === 'subscriptions/listen')
  return { listening, agree, asked, clock }
}

test('whoever asks for a resource that another has just asked for is told what the server says of it', async () => {
  const { listening, agree } = listeningBench()
  await agree(1)
  const wishes = [listening.subscribe('file:///a'), listening.subscribe('file:///a')]
  const outcomes = Promise.allSettled(wishes)
  await agree(2)
  expect(await outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'MCP_ERROR' } },
    { status: 'rejected', reason: { code: 'MCP_ERROR' } },
  ])
})

test('a resource that is told is not asked for again', async () => {
  const { listening, agree, asked } = listeningBench(['file:///a'])
  await agree(1)
  const first = listening.subscribe('file:///a')
  await agree(2)
  await first
  await listening.subscribe('file:///a')
  expect(asked()).toHaveLength(2)
})
