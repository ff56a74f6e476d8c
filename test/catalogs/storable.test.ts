import { expect, test } from 'vitest'

import { storable } from '../../src/catalogs/storable.js'
import { type CatalogDocument, mostDocumentBytes } from '../../src/catalogs/store.js'

const pins = [{ identity: 'way', tools: [{ name: 'key-1234', digest: 'ab1234cd' }] }]
const document = (instructions: string): CatalogDocument => {
  const serverInfo = { name: 'server', version: '1' }
  const catalog = { serverInfo, protocolVersion: '1', capabilities: {}, instructions, tools: [], listedAt: 5 }
  return { version: 1, server: 'server', catalogs: [{ digest: 'digest', catalog }] }
}
const mask = (text: string) => text.replaceAll('1234', '***')

test('what is stored has its secrets masked, but for digests, in which a short one may be by chance', () => {
  const stored = storable({ ...document('use 1234'), pins }, mask)
  expect(stored?.document.catalogs[0]?.catalog.instructions).toBe('use ***')
  expect(stored?.document.pins).toEqual([{ identity: 'way', tools: [{ name: 'key-***', digest: 'ab1234cd' }] }])
})

test('what is too long is stored without its catalogues where something is trusted, else not at all', () => {
  const long = document('x'.repeat(mostDocumentBytes))
  expect(storable(long, mask)).toBeUndefined()
  expect(storable({ ...long, pins }, (text) => text)).toMatchObject({ isCut: true, document: { catalogs: [], pins } })
})

test('trusts nothing where even what is trusted is too long', () => {
  const tools = [{ name: 'x'.repeat(mostDocumentBytes), digest: 'ab' }]
  const stored = storable({ ...document(''), pins: [{ identity: 'way', tools }] }, mask)
  expect(stored).toMatchObject({ isCut: true, document: { catalogs: [], pins: [] } })
})

test('two documents that differ in their times alone are no news for each other', () => {
  const later = document('')
  const [first] = later.catalogs
  const moved = first ? { ...later, catalogs: [{ ...first, catalog: { ...first.catalog, listedAt: 6.5 } }] } : later
  expect(storable(moved, mask)?.text).toBe(storable(later, mask)?.text)
})
