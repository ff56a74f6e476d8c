import { expect, test } from 'vitest'

import { createGivenUp } from '../../../src/actors/session/given-up.js'
import { createVirtualClock } from '../../support/virtual-clock.js'

test('calls that were given up are known once for each owner, for as long as a call may last', () => {
  const clock = createVirtualClock()
  const givenUp = createGivenUp(clock)
  const owner = {}
  givenUp.add({ id: 1, owner })
  givenUp.add({ id: 2, owner: undefined })
  clock.advance(300_000)
  givenUp.add({ id: 3, owner })
  givenUp.add({ id: 4, owner: {} })
  expect(givenUp.calls().map(({ id }) => id)).toEqual([3, 2, 4])
  clock.advance(300_000)
  expect(givenUp.calls().map(({ id }) => id)).toEqual([3, 4])
  clock.advance(300_000)
  expect(givenUp.calls()).toEqual([])
})
