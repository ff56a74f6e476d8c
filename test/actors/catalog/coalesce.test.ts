import { expect, test } from 'vitest'
import { coalesce } from '../../../src/actors/catalog/coalesce.js'
import { createVirtualClock } from '../../support/virtual-clock.js'

/** A piece of work that goes on until it is told to end. */
function slowWork() {
  const ends: (() => void)[] = []
  return {
    ends,
    run: () => new Promise<void>((resolve) => ends.push(resolve)),
    async end() {
      ends.at(-1)?.()
      await Promise.resolve()
      await Promise.resolve()
    },
  }
}

test('begins once for all who ask within the window', () => {
  const clock = createVirtualClock()
  const { run, ends } = slowWork()
  const work = coalesce(run, { clock, windowMs: 100 })
  for (let n = 0; n < 1_000; n += 1) work.ask()
  clock.advance(99)
  expect(ends).toHaveLength(0)
  clock.advance(1)
  expect(ends).toHaveLength(1)
})

test('runs once more for all who ask while it runs, never beside itself', async () => {
  const clock = createVirtualClock()
  const { run, ends, end } = slowWork()
  const work = coalesce(run, { clock, windowMs: 100 })
  work.ask()
  clock.advance(100)
  work.ask()
  work.ask()
  clock.advance(1_000)
  expect(ends).toHaveLength(1)

  await end()
  clock.advance(100)
  expect(ends).toHaveLength(2)
  await end()
  clock.advance(1_000)
  expect(ends).toHaveLength(2)
})

test('leaves no timer once it is stopped', () => {
  const clock = createVirtualClock()
  const { run, ends } = slowWork()
  const work = coalesce(run, { clock, windowMs: 100 })
  work.ask()
  work.stop()
  work.ask()
  expect(clock.pending).toBe(0)
  clock.advance(1_000)
  expect(ends).toHaveLength(0)
})
