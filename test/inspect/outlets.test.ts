import { expect, test } from 'vitest'

import { type Outlet, createOutlets } from '../../src/inspect/outlets.js'

const mebibyte = 1024 * 1024

/** A listener at which so many bytes wait; what it was sent last is its fate. */
function listener(waitingBytes = 0) {
  const told: string[] = []
  const outlet: Outlet = {
    send: (event) => void told.push(event),
    waiting: () => waitingBytes,
    close: () => void told.push('let go'),
  }
  return { outlet, told }
}

test('lets go a listener that falls behind, and goes on with the others', () => {
  const outlets = createOutlets()
  const [quick, slow] = [listener(mebibyte), listener(5 * mebibyte)]
  for (const { outlet } of [quick, slow]) expect(outlets.add(outlet)).toBe(true)
  outlets.send('one', {})
  outlets.send('two', {})
  expect(quick.told).toEqual(['one', 'two'])
  expect(slow.told).toEqual(['let go'])
  expect(outlets.size).toBe(1)
})

test('takes so many listeners and no more, until one leaves', () => {
  const outlets = createOutlets()
  const [first, ...others] = Array.from({ length: 32 }, () => listener().outlet)
  for (const outlet of [first, ...others]) expect(outlet && outlets.add(outlet)).toBe(true)
  expect(outlets.add(listener().outlet)).toBe(false)
  if (first) outlets.remove(first)
  expect(outlets.add(listener().outlet)).toBe(true)
  outlets.close()
  expect(outlets.size).toBe(0)
})
