import { expect, it } from 'vitest'
import { receiveInto } from '../../../src/actors/wire/inbox.js'
import { createPendingRequests } from '../../../src/actors/wire/pending-requests.js'
import type { Message } from '../../../src/actors/transport.js'

function inbox() {
  const delivered: Message[] = []
  const violations: string[] = []
  const pending = createPendingRequests()
  const receive = receiveInto({
    server: 'x',
    mask: (text) => text,
    pending,
    deliver: (message) => delivered.push(message),
    violation: (kind) => violations.push(kind),
  })
  return { delivered, violations, pending, receive }
}

it('delivers an answer before its request settles', async () => {
  const { delivered, pending, receive } = inbox()
  const settled = pending.open(1).then(() => delivered.length)
  receive({ jsonrpc: '2.0', id: 1, result: {} })
  expect(await settled).toBe(1)
})

it('takes a batch apart, and answers within it settle their own requests', async () => {
  const { delivered, violations, pending, receive } = inbox()
  const both = Promise.all([pending.open(1), pending.open('b')])
  receive([
    { jsonrpc: '2.0', id: 'b', result: {} },
    7,
    { jsonrpc: '2.0', method: 'ping', id: 1 },
    { jsonrpc: '2.0', id: '1', result: {} },
  ])
  await both
  expect(delivered.map(({ id, method }) => [id, method])).toEqual([
    ['b', undefined],
    [1, 'ping'],
    [1, undefined],
  ])
  expect(violations).toEqual(['invalid-frame'])
})

it('drops an answer that nobody waits for', () => {
  const { delivered, violations, receive } = inbox()
  receive({ jsonrpc: '2.0', id: 1, result: {} })
  receive([[]])
  expect(delivered).toEqual([])
  expect(violations).toEqual(['stray-answer', 'invalid-frame'])
})
