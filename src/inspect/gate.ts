import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Gate {
  /** Part of every path: whoever knows the address that was printed may look, nobody else. */
  readonly token: string
  readonly port: number
}

/** A request that may be answered, with the path behind the token; or the status that it gets instead. */
export type Admission = { readonly path: string } | { readonly status: 403 | 404 }

/**
 * Lets in requests for this machine's own address, by a page of that same address or by no page at all, that know the
 * token. The check of `Host` stops a foreign name that resolves to 127.0.0.1; `Origin` stops foreign pages.
 */
export function admit({ headers, url = '/' }: IncomingMessage, { token, port }: Gate): Admission {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (!hosts.includes(headers.host ?? '')) return { status: 403 }
  const { origin, 'sec-fetch-site': site = 'none' } = headers
  if (origin !== undefined && origin !== `http://${headers.host}`) return { status: 403 }
  if (site !== 'none' && site !== 'same-origin') return { status: 403 }
  const [, given = '', ...rest] = (url.split('?', 1)[0] ?? '').split('/')
  return isSame(given, token) ? { path: rest.join('/') } : { status: 404 }
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}
