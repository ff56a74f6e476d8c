import { expect, test } from 'vitest'
import { createStartSlots } from '../../src/actors/start-slots.js'

test('admits as many as there are slots, the others in the order of their arrival', async () => {
  const slots = createStartSlots(2)
  const [a, b, c, d] = [slots.enter(), slots.enter(), slots.enter(), slots.enter()]
  expect([a, b, c, d].map((ticket) => ticket?.isAdmitted)).toEqual([true, true, false, false])

  b?.leave()
  await c?.admitted
  expect([c, d].map((ticket) => ticket?.isAdmitted)).toEqual([true, false])
})

test('passes over who left the line, and tells him that he need not wait', async () => {
  const slots = createStartSlots(1)
  const [first, second, third] = [slots.enter(), slots.enter(), slots.enter()]
  second.leave()
  await second.admitted
  expect(second.isAdmitted).toBe(false)

  first.leave()
  expect(third.isAdmitted).toBe(true)
})

test('frees a slot once, however often it is left', () => {
  const slots = createStartSlots(1)
  const first = slots.enter()
  first.leave()
  first.leave()
  expect([slots.enter(), slots.enter()].map(({ isAdmitted }) => isAdmitted)).toEqual([true, false])
})
