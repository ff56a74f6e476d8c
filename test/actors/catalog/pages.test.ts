import { expect, test } from 'vitest'

import { walkPages } from '../../../src/actors/catalog/pages.js'
import type { Session } from '../../../src/actors/session/session.js'
import { createCancellation } from '../../../src/calls/cancellation.js'

/** A list whose every page holds these items and names another page. */
function listOf(items: readonly unknown[]) {
  let pages = 0
  const request = async () => ({ tools: items, nextCursor: String(++pages) })
  const session = { request } as unknown as Session
  const options = { cancellation: createCancellation() }
  return { list: { server: 's', session, method: 'tools/list', key: 'tools', options }, pages: () => pages }
}

test('a list of lawful pages that is too large as a whole is given up as soon as it is', async () => {
  const { list, pages } = listOf([{ name: 'long', description: 'x'.repeat(9 * 1024 * 1024) }])
  await expect(walkPages(list, () => undefined)).rejects.toMatchObject({
    code: 'RESPONSE_INVALID',
    phase: 'list',
    message: expect.stringContaining('larger than 67108864 characters'),
  })
  expect(pages()).toBe(8)
})

test('a list of the usual size is limited by the number of its items alone', async () => {
  const { list } = listOf(
    Array.from({ length: 1_000 }, (_, n) => ({ name: `tool-${n}`, description: 'x'.repeat(1_000) })),
  )
  let taken = 0
  await expect(walkPages(list, () => void taken++)).rejects.toMatchObject({
    message: expect.stringContaining('more than 10000 tools'),
  })
  expect(taken).toBe(10_000)
})
