import { expect, test } from 'vitest'
import { createPendingRequests } from '../../../src/actors/wire/pending-requests.js'
import { failure } from '../../../src/errors.js'

const lost = failure('CONNECTION_LOST', 'gone')

test('resolves the request that was answered, once', async () => {
  const pending = createPendingRequests()
  const request = pending.open(1)
  expect(pending.size).toBe(1)
  expect(pending.answered(1)).toBe(true)
  expect(pending.answered(1)).toBe(false)
  await expect(request).resolves.toBeUndefined()
  expect(pending.size).toBe(0)
})

test('knows a numeric id by its digits, and no other form of it', () => {
  const pending = createPendingRequests()
  void pending.open(7)
  expect(pending.match('7')).toBe(7)
  for (const id of ['07', '7.0', ' 7', '', 'seven', 8]) expect(pending.match(id)).toBeUndefined()
})

test('does not take a number for a text', () => {
  const pending = createPendingRequests()
  void pending.open('7')
  expect(pending.answered(7)).toBe(false)
  expect(pending.answered('7')).toBe(true)
})

test('resolves a cancelled request and forgets it', async () => {
  const pending = createPendingRequests()
  const request = pending.open('a')
  expect(pending.cancelled('a')).toBe(true)
  await request
  expect(pending.answered('a')).toBe(false)
})

test('rejects one with its failure', async () => {
  const pending = createPendingRequests()
  const request = pending.open(1)
  void pending.open(2)
  expect(pending.fail('1', lost)).toBe(true)
  await expect(request).rejects.toMatchObject({ name: 'SupervisorError', code: 'CONNECTION_LOST' })
  expect(pending.fail(1, lost)).toBe(false)
  expect(pending.size).toBe(1)
})

test('rejects all, oldest first, each by whether it was written', async () => {
  const pending = createPendingRequests()
  const order: string[] = []
  const opened = [3, 1, 2].map((id) => pending.open(id).catch((error) => order.push(`${id} ${error.delivered}`)))
  pending.written(1)
  pending.written(99)
  pending.failAll((written) => ({ ...lost, delivered: written ? 'maybe' : 'no' }))
  await Promise.all(opened)
  expect(order).toEqual(['3 no', '1 maybe', '2 no'])
  expect(pending.size).toBe(0)
})

test('refuses an id that is pending', () => {
  const pending = createPendingRequests()
  void pending.open(1)
  expect(() => pending.open(1)).toThrow('unique')
})
