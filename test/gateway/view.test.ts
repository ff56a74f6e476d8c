import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createView } from '../../src/gateway/view.js'

describe('a view', () => {
  it('allows everything when it says nothing', () => {
    expect(createView().mayUse('any', 'thing')).toBe(true)
    expect(createView().mayUse('any')).toBe(true)
  })

  it('lets what is denied win over what is allowed', () => {
    const { mayUse } = createView({ allow: ['files', 'git*/read_*'], deny: ['files/delete_*', '*/rm'] })
    expect(mayUse('files', 'write')).toBe(true)
    expect(mayUse('files', 'delete_all')).toBe(false)
    expect(mayUse('files', 'rm')).toBe(false)
    expect(mayUse('github', 'read_it')).toBe(true)
    expect(mayUse('github', 'write_it')).toBe(false)
    expect(mayUse('other', 'read_it')).toBe(false)
  })

  it('gives what is no tool only to who may use the server as a whole', () => {
    const { mayUse } = createView({ allow: ['files', 'github/read_*'], deny: ['secret', 'files/x'] })
    expect(mayUse('files')).toBe(true)
    expect(mayUse('github')).toBe(false)
    expect(mayUse('secret')).toBe(false)
  })

  it('says which servers it has nothing to do with', () => {
    const { concerns } = createView({ allow: ['files', 'github/read_*', 'secret'], deny: ['secret', 'files/x'] })
    expect(['files', 'github', 'secret', 'other'].filter(concerns)).toEqual(['files', 'github'])
  })

  it('takes everything but * and ? as it is', () => {
    const { mayUse } = createView({ allow: ['a.b', '(x)/[y]', 'q?'] })
    expect(mayUse('a.b', 't')).toBe(true)
    expect(mayUse('axb', 't')).toBe(false)
    expect(mayUse('(x)', '[y]')).toBe(true)
    expect(mayUse('(x)', 'y')).toBe(false)
    expect(mayUse('q1')).toBe(true)
    expect(mayUse('q')).toBe(false)
  })

  it('matches every name by the pattern that is the name', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/[*?/]/.test(text))
    fc.assert(
      fc.property(name, name, (server, tool) => {
        expect(createView({ allow: [`${server}/${tool}`] }).mayUse(server, tool)).toBe(true)
        expect(createView({ deny: [`${server}/${tool}`] }).mayUse(server, tool)).toBe(false)
      }),
    )
  })
})
