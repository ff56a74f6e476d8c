import { expect, test } from 'vitest'
import { createPatientClock } from '../../src/supervisor/patient-clock.js'
import { createVirtualClock } from '../support/virtual-clock.js'

test('fires in time what the clock fires in time', () => {
  const time = createVirtualClock()
  const clock = createPatientClock(time)
  const fired: string[] = []
  clock.setTimeout(() => fired.push('a'), 100)
  clock.setHeldTimeout(() => fired.push('b'), 200)
  time.advance(100)
  expect(fired).toEqual(['a'])
  time.advance(100)
  expect(fired).toEqual(['a', 'b'])
})

test('lets a timer that fires late wait once more', () => {
  const time = createVirtualClock()
  let lag = 0
  const clock = createPatientClock({ ...time, now: () => time.now() + lag })
  const fired: string[] = []
  clock.setTimeout(() => fired.push('late'), 100)
  lag = 30_000
  time.advance(100)
  expect(fired).toEqual([])
  time.advance(25)
  expect(fired).toEqual(['late'])
})

test('clears a timer in its first and in its second wait', () => {
  const time = createVirtualClock()
  let lag = 0
  const clock = createPatientClock({ ...time, now: () => time.now() + lag })
  const fired: string[] = []
  const first = clock.setTimeout(() => fired.push('first'), 1_000)
  const second = clock.setTimeout(() => fired.push('second'), 100)
  clock.clearTimeout(first)
  clock.clearTimeout(undefined)
  lag = 30_000
  time.advance(100)
  clock.clearTimeout(second)
  expect(time.pending).toBe(0)
})
