import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createPrefixNaming } from '../../../src/gateway/names/naming.js'

/** Names as servers give them: plain ones that lie close together, and anything at all. */
const close = fc.stringMatching(/^[ab_.\- ]{1,6}$/)
const anyName = fc.oneof(
  close,
  fc.string({ unit: 'binary', maxLength: 90 }),
  fc.constantFrom('__proto__', 'constructor'),
)
const names = fc.uniqueArray(anyName, { maxLength: 8 })
const servers = fc.uniqueArray(anyName, { minLength: 1, maxLength: 5 })
const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length })

describe('C27: names of many servers as those of one', () => {
  it('are lawful, at most 64 characters long, no two the same, and lead back to what they stand for', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyName, names), { minLength: 1, maxLength: 5 }), (entries) => {
        const tools = new Map(entries)
        const naming = createPrefixNaming(tools.keys())
        const seen = new Map<string, string>()
        for (const [server, originals] of tools) {
          const exposed = naming.namesOf(server, originals)
          const refused = new Set(exposed.refused.map(({ name }) => name))
          for (const original of originals) {
            const name = exposed.exposed(original)
            expect(name === undefined).toBe(refused.has(original))
            if (name === undefined || !naming.shows(server)) continue
            expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
            expect(seen.get(name)).toBeUndefined()
            seen.set(name, original)
            expect(naming.serverOf(name)).toBe(server)
            expect(exposed.original(name)).toBe(original)
          }
        }
        const hidden = [...tools.keys()].filter((server) => !naming.shows(server))
        expect(naming.refused.map(({ name }) => name).toSorted()).toEqual(hidden.toSorted())
      }),
      { numRuns: 500 },
    )
  })

  it('do not depend on the order in which servers and tools come', () => {
    const orders = fc
      .tuple(servers, names)
      .chain(([some, tools]) => fc.tuple(fc.constant(some), shuffled(some), fc.constant(tools), shuffled(tools)))
    fc.assert(
      fc.property(orders, ([some, others, tools, turned]) => {
        const [one, two] = [createPrefixNaming(some), createPrefixNaming(others)]
        for (const server of some) {
          const [first, second] = [one.namesOf(server, tools), two.namesOf(server, turned)]
          for (const tool of tools) expect(second.exposed(tool)).toBe(first.exposed(tool))
        }
      }),
    )
  })

  it('stay as they are where they are lawful', () => {
    const naming = createPrefixNaming(['github', 'my_files'])
    expect(naming.namesOf('github', ['search-code']).exposed('search-code')).toBe('github__search-code')
    expect(naming.namesOf('my_files', ['__read__']).exposed('__read__')).toBe('my_files____read__')
    expect(naming.serverOf('my_files____read__')).toBe('my_files')
  })

  it('are changed where they are not: readable when nobody else has the name, with a hash when somebody has', () => {
    const naming = createPrefixNaming(['git hub', 'a.b', 'a_b'])
    const { exposed } = naming.namesOf('git hub', ['admin.list', 'x.y', 'x_y', 'long'.repeat(30)])
    expect(exposed('admin.list')).toBe('git_hub__admin_list')
    expect(exposed('x_y')).toBe('git_hub__x_y')
    expect(exposed('x.y')).toMatch(/^git_hub__x_y-[0-9a-f]{8}$/)
    expect(exposed('long'.repeat(30))).toHaveLength(64)
    expect(naming.namesOf('a_b', ['t']).exposed('t')).toBe('a_b__t')
    expect(naming.namesOf('a.b', ['t']).exposed('t')).toMatch(/^a_b-[0-9a-f]{8}__t$/)
  })

  it('that a tool takes from another of its server by a clever hash are refused, and it is told whose they are', () => {
    const naming = createPrefixNaming(['s'])
    const stolen = naming.namesOf('s', ['x.y', 'x_y']).exposed('x.y')?.slice('s__'.length) ?? ''
    const names = naming.namesOf('s', ['x.y', 'x_y', stolen])
    expect(names.exposed(stolen)).toBe(`s__${stolen}`)
    expect(names.exposed('x.y')).toBeUndefined()
    expect(names.refused).toEqual([{ name: 'x.y', takenBy: stolen }])
  })

  it('of resources lead back to server and address, whatever the address is', () => {
    fc.assert(
      fc.property(servers, fc.string(), (some, uri) => {
        const naming = createPrefixNaming(some)
        for (const server of some) {
          const found = naming.resource(naming.exposedUri(server, uri))
          expect(found).toEqual(naming.shows(server) ? { server, uri } : undefined)
        }
      }),
    )
    expect(createPrefixNaming(['a']).resource('file:///etc/passwd')).toBeUndefined()
    expect(createPrefixNaming(['a']).resource('mcpvisor:b/file:///etc/passwd')).toBeUndefined()
  })
})
