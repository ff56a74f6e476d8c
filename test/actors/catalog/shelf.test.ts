import { expect, test } from 'vitest'

import { createShelf } from '../../../src/actors/catalog/shelf.js'
import { createVirtualClock } from '../../support/virtual-clock.js'

function shelfOf({ ttlMs, watch = () => undefined }: { ttlMs?: number; watch?: () => number | undefined } = {}) {
  const clock = createVirtualClock()
  let asked = 0
  const ask = async () => ({ items: ++asked, ttlMs })
  const shelf = createShelf({ clock, watch, ask, refreshFailed: () => undefined })
  return { clock, shelf, get: (refresh = false) => shelf.get(refresh, ask), asked: () => asked }
}

test('asks each time a server that neither promises nor tells anything', async () => {
  const { get } = shelfOf()
  expect([await get(), await get()]).toEqual([1, 2])
})

test('asks again only after the time for which a list is promised to hold', async () => {
  const { get, clock } = shelfOf({ ttlMs: 1_000 })
  expect([await get(), await get()]).toEqual([1, 1])
  clock.advance(999)
  expect(await get()).toBe(1)
  clock.advance(1)
  expect(await get()).toBe(2)
  expect(await get(true)).toBe(3)
})

test('tells what a listing has found once it is remembered, so that whoever hears of it finds it', async () => {
  const heard: Promise<number>[] = []
  let asked = 0
  const ask = async () => ({ items: ++asked, ttlMs: 1_000, tell: () => void heard.push(shelf.get(false, ask)) })
  const shelf = createShelf({ clock: createVirtualClock(), watch: () => 0, ask, refreshFailed: () => undefined })
  expect([await shelf.get(false, ask), await shelf.get(true, ask)]).toEqual([1, 2])
  expect(await Promise.all(heard)).toEqual([1, 2])
})

test('takes a promise of no time for none', async () => {
  const silent = shelfOf({ ttlMs: 0 })
  expect([await silent.get(), await silent.get()]).toEqual([1, 2])
  const told = shelfOf({ ttlMs: 0, watch: () => 0 })
  expect([await told.get(), await told.get()]).toEqual([1, 1])
})

test('remembers while changes are told without a break', async () => {
  let time = 0
  const { get } = shelfOf({ watch: () => time })
  expect([await get(), await get()]).toEqual([1, 1])
  time++
  expect(await get()).toBe(2)
})

test('answers changes that follow each other with one listing, of what is in use alone', async () => {
  const { get, shelf, clock, asked } = shelfOf({ ttlMs: 60_000, watch: () => 0 })
  shelf.changed()
  clock.advance(1_000)
  expect(asked()).toBe(0)
  await get()
  for (let n = 0; n < 10; n++) shelf.changed()
  clock.advance(1_000)
  await Promise.resolve()
  expect(asked()).toBe(2)
})
