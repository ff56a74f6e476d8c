import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(new URL('docs', root)).map((page) => `docs/${page}`),
]

it.each(pages)('every link of %s to a file of the repository leads somewhere', (page) => {
  const here = new URL(page, root)
  const links = [...readFileSync(here, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(
    ([, path = '']) => path,
  )
  expect(links.filter((path) => !existsSync(new URL(path, here)))).toEqual([])
})
