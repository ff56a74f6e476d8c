import { expect, test } from 'vitest'
import { diffServers } from '../../src/config/diff.js'

test('servers are added, removed, updated and unchanged, in the order of their configuration', () => {
  const before = new Map([
    ['gone2', '1'],
    ['same', '2'],
    ['changed', '3'],
    ['gone1', '4'],
  ])
  const after = new Map([
    ['new2', '5'],
    ['changed', '6'],
    ['same', '2'],
    ['new1', '7'],
  ])
  expect(diffServers(before, after)).toEqual({
    added: ['new2', 'new1'],
    removed: ['gone2', 'gone1'],
    updated: ['changed'],
    unchanged: ['same'],
  })
})
