import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type PinHistory, heldBy, mostIdentities, withPins } from '../../src/catalogs/pins.js'
import { parseDocument, pinsIn, withPinHistory } from '../../src/catalogs/store.js'
import { digestTool } from '../../src/catalogs/tool-digest.js'
import type { Tool } from '../../src/mcp.js'

const name = fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', ''), fc.string({ maxLength: 4 }))
const definition = fc.record({
  name,
  description: fc.constantFrom('reads', 'writes', 'sends'),
  inputSchema: fc.dictionary(name, fc.jsonValue({ maxDepth: 2 })),
})
const listing = fc.uniqueArray(definition, { selector: (tool) => tool.name, maxLength: 8 })
const identity = fc.constantFrom('one', 'two', 'three')

const pinsOf = (tools: readonly Tool[]) => tools.map((tool) => ({ name: tool.name, digest: digestTool(tool) }))
const heldIn = (history: PinHistory, way: string, tools: readonly Tool[]) =>
  tools.flatMap((tool) => heldBy(history, way, tool) ?? [])

/** The same definition as another process would read it, its keys in another order. */
const retold = (tool: Tool): Tool =>
  Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(tool)) as object).toReversed()) as unknown as Tool

describe('definitions that were pinned', () => {
  test('are not held, in whatever order they and their keys come', () => {
    fc.assert(
      fc.property(listing, identity, (tools, way) => {
        const history = withPins(undefined, way, pinsOf(tools))
        expect(heldIn(history, way, tools.map(retold).toReversed())).toEqual([])
      }),
    )
  })

  test('hold exactly what differs from them: by name when it is new, by digest when it changed', () => {
    fc.assert(
      fc.property(listing, listing, identity, (before, now, way) => {
        const history = withPins(undefined, way, pinsOf(before))
        const expected = now.flatMap((tool) => {
          const old = before.find((each) => each.name === tool.name)
          if (old && digestTool(old) === digestTool(tool)) return []
          const digest = digestTool(tool)
          return old
            ? { name: tool.name, reason: 'changed', digest, pinned: digestTool(old) }
            : { name: tool.name, reason: 'new', digest }
        })
        expect(heldIn(history, way, now)).toEqual(expected)
      }),
    )
  })

  test('are forgotten neither when a tool is gone nor when it is back', () => {
    fc.assert(
      fc.property(listing, listing, identity, (before, meanwhile, way) => {
        const first = withPins(undefined, way, pinsOf(before))
        const others = meanwhile.filter((tool) => !before.some((each) => each.name === tool.name))
        const history = withPins(first, way, pinsOf(others))
        expect(heldIn(history, way, before)).toEqual([])
      }),
    )
  })

  test('hold nothing any more once all that is held was approved', () => {
    fc.assert(
      fc.property(listing, listing, identity, identity, (before, now, then, way) => {
        const history = withPins(undefined, then, pinsOf(before))
        const approved = withPins(history, way, heldIn(history, way, now))
        expect(heldIn(approved, way, now)).toEqual([])
      }),
    )
  })

  test('say nothing for a server that is started in another way, and go on for the one before', () => {
    fc.assert(
      fc.property(listing, fc.integer({ min: 0, max: 8 }), (tools, count) => {
        const history = withPins(undefined, 'one', pinsOf(tools))
        expect(heldIn(history, 'two', tools).map(({ reason, digest, pinned }) => [reason, digest === pinned])).toEqual(
          tools.map(() => ['server-changed', true]),
        )
        const some = withPins(history, 'two', pinsOf(tools.slice(0, count)))
        expect(heldIn(some, 'two', tools).map(({ reason }) => reason)).toEqual(tools.slice(count).map(() => 'new'))
        expect(heldIn(some, 'one', tools)).toEqual([])
      }),
    )
  })

  test('are the same after they were stored', () => {
    fc.assert(
      fc.property(listing, listing, (one, two) => {
        const history = withPins(withPins(undefined, 'one', pinsOf(one)), 'two', pinsOf(two))
        const stored: unknown = JSON.parse(JSON.stringify(withPinHistory({}, 'server', history)))
        const read = parseDocument('server', stored)
        expect('document' in read && pinsIn(read.document)).toEqual(history)
      }),
    )
  })

  test('are kept of a bounded number of ways, the last ones', () => {
    let history: PinHistory
    for (let n = 0; n < 20; n += 1) history = withPins(history, String(n), [])
    expect(history?.map((pins) => pins.identity)).toEqual(
      Array.from({ length: mostIdentities }, (_, n) => String(19 - n)),
    )
  })
})

test('a server of which nothing was seen holds nothing; one of which nothing is trusted holds everything', () => {
  const tool: Tool = { name: 'a', inputSchema: { type: 'object' } }
  expect(heldBy(undefined, 'one', tool)).toBeUndefined()
  expect(heldBy([], 'one', tool)).toMatchObject({ reason: 'server-changed', digest: digestTool(tool) })
})
