import { readFile, readdir } from 'node:fs/promises'

/** A file of the page, as it is sent. */
export interface PageFile {
  readonly type: string
  readonly body: Buffer
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
}

/** Reads the files of the live page, which lie beside this module, by their path. Nothing else can be asked for. */
export async function loadPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const root = new URL('./page/', import.meta.url)
  const names = await readdir(root, { recursive: true })
  const paths = names.map((name) => name.replaceAll('\\', '/')).filter((path) => typeOf(path) !== undefined)
  const files = paths.map(async (path): Promise<[string, PageFile]> => {
    return [path, { type: typeOf(path) ?? '', body: await readFile(new URL(path, root)) }]
  })
  return new Map(await Promise.all(files))
}

function typeOf(path: string): string | undefined {
  return types[path.split('.').at(-1) ?? '']
}
