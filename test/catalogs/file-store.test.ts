import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { createFileCatalogStore } from '../../src/catalogs/file-store.js'
import { storable } from '../../src/catalogs/storable.js'
import { type CatalogDocument, mostDocumentBytes } from '../../src/catalogs/store.js'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'catalogs-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

const nameOf = (server: string) => `${createHash('sha256').update(server).digest('hex')}.json`

const pins = [{ identity: 'way', tools: [{ name: 'tool', digest: 'ab' }] }]
const document = (instructions: string): CatalogDocument => {
  const serverInfo = { name: 'server', version: '1' }
  const catalog = { serverInfo, protocolVersion: '1', capabilities: {}, instructions, tools: [], listedAt: 5 }
  return { version: 1, server: 'server', catalogs: [{ digest: 'digest', catalog }], pins }
}

test('the longest document that may be stored can be read again, and one byte more is not stored', async () => {
  const store = createFileCatalogStore(folder())
  const room = mostDocumentBytes - Buffer.byteLength(JSON.stringify(document('')))
  const longest = storable(document('é'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2)), (text) => text)
  expect(longest?.isCut).toBe(false)
  if (longest) await store.write('server', longest.document)
  expect(store.read('server')).toEqual(longest?.document)
  expect(storable(document('x'.repeat(room + 1)), (text) => text)?.isCut).toBe(true)
})

test('a longer file, whoever wrote it, is not read into memory', () => {
  const path = folder()
  writeFileSync(join(path, nameOf('server')), ' '.repeat(mostDocumentBytes + 1))
  expect(() => createFileCatalogStore(path).read('server')).toThrow(
    `must be at most ${mostDocumentBytes} bytes, got ${mostDocumentBytes + 1}`,
  )
})

test('a thousand servers are kept: those written longest ago make room, and files of others stay', async () => {
  const path = folder()
  const store = createFileCatalogStore(path)
  for (let n = 0; n < 1_000; n++) {
    const file = join(path, nameOf(`server-${n}`))
    writeFileSync(file, '{}')
    // The lower its number, the later it was written.
    utimesSync(file, 2_000_000 - n, 2_000_000 - n)
  }
  writeFileSync(join(path, 'notes.txt'), 'mine')
  utimesSync(join(path, 'notes.txt'), 1, 1)
  await store.write('new', document(''))
  await store.write('newer', document(''))
  expect(readdirSync(path)).toHaveLength(1_001)
  expect(store.read('server-997')).toEqual({})
  expect(store.read('server-998')).toBeUndefined()
  expect(store.read('server-999')).toBeUndefined()
  expect(store.read('new')).toEqual(document(''))
  expect(existsSync(join(path, 'notes.txt'))).toBe(true)
})

test('a write that fails leaves what was there, and nothing half written', async () => {
  const path = folder()
  mkdirSync(join(path, nameOf('server')))
  await expect(createFileCatalogStore(path).write('server', document(''))).rejects.toThrow(/EISDIR|EPERM/)
  expect(readdirSync(path)).toEqual([nameOf('server')])
})
