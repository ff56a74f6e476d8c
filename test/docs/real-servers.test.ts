import { readFile } from 'node:fs/promises'

import { expect, it } from 'vitest'

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

it('docs/real-servers.md shows the servers of the bed, at their versions, used and gone', async () => {
  const bed = [...(await read('bench/real-servers/servers.js')).matchAll(/package: '([^']+)@([^']+)'/g)]
  const doc = await read('docs/real-servers.md')
  const rows = [...doc.matchAll(/^\| `(.+?)` \| (\S+) \|.* (\S+) \|$/gm)]
  const shown = rows.map(([, name, version]) => `${name}@${version}`)
  expect(new Set(shown)).toEqual(new Set(bed.map(([, name, version]) => `${name}@${version}`)))
  expect(rows.filter(([, , , left]) => left !== 'nothing')).toEqual([])
})
