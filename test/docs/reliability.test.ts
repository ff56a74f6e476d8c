import { readFile, readdir } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const doc = await readFile(new URL('docs/reliability.md', root), 'utf8')
const files = (await readdir(new URL('bench/reliability/figures/', root))).toSorted()
const sources = new Map(
  await Promise.all(
    files.map(
      async (file) => [file, await readFile(new URL(`bench/reliability/figures/${file}`, root), 'utf8')] as const,
    ),
  ),
)

const idOf = (file: string) => `T${Number(/^t(\d+)-/.exec(file)?.[1])}`
const measured = files.map(idOf)
const rowsOf = (text: string) => [...text.matchAll(/^\| (T\d+) \|/gm)].map(([, id]) => id)
const [output = '', reproduction = ''] = doc.slice(doc.indexOf('<!-- npm run reliability -->')).split('<!-- end -->')

describe('docs/reliability.md', () => {
  it('shows a figure for each that the code measures, and no other', () => {
    expect(rowsOf(output)).toEqual(measured)
  })

  it('says how to reproduce each figure', () => {
    expect(rowsOf(reproduction)).toEqual(measured)
  })

  it('cites only figures that exist', () => {
    const cited = new Set(doc.match(/\bT\d+\b/g))
    expect([...cited].filter((id) => !measured.includes(id))).toEqual([])
  })

  it('shows the words and targets of the code as they are', () => {
    for (const [file, source] of sources) {
      expect(source, `${file} measures ${idOf(file)}`).toContain(`id: '${idOf(file)}'`)
      const what = /what: '([^']*)'/.exec(source)?.[1]
      if (what) expect(output).toContain(what)
    }
  })

  it('names scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { scripts: object }
    const named = [...doc.matchAll(/npm run (\w+)/g)].map(([, script]) => script)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
  })
})
