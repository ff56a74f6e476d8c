import type { Session } from '../session/session.js'
import type { RequestOptions } from '../session/requests.js'
import { walkPages } from './pages.js'
import type { Listed } from './shelf.js'

/** The lists beside tools: by which capability a server has them, under which key a page does, and what names an item. */
export const itemLists = {
  'resources/list': { kind: 'resources', key: 'resources', name: 'uri' },
  'resources/templates/list': { kind: 'resources', key: 'resourceTemplates', name: 'uriTemplate' },
  'prompts/list': { kind: 'prompts', key: 'prompts', name: 'name' },
} as const

export type ItemList = keyof typeof itemLists

export interface ItemListing {
  readonly server: string
  readonly session: Session
  /** The server said something that had to be left out, in words. */
  readonly violated: (detail: string) => void
}

/** All items of a list; a bad one never costs the good ones. A server without the capability has none. */
export async function listItems(
  method: ItemList,
  { server, session, violated }: ItemListing,
  options: RequestOptions,
): Promise<Listed<readonly unknown[]>> {
  const { kind, key, name } = itemLists[method]
  if (!session.info.capabilities[kind]) return { items: [] }
  const items: unknown[] = []
  const { ttlMs } = await walkPages({ server, session, method, key, options }, (item) => {
    const isNamed =
      typeof item === 'object' && item !== null && typeof (item as Record<string, unknown>)[name] === 'string'
    if (isNamed) items.push(item)
    else violated(`an item of ${method} has no "${name}" and was left out`)
  })
  return { items, ttlMs }
}
