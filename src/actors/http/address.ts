import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { HttpEndpoint } from '../../config/entry.js'
import { failure, SupervisorError } from '../../errors.js'

/** Where requests go and what they carry of the configuration. */
export interface HttpAddress {
  /** Without userinfo and fragment. */
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** Headers that are the protocol's to set, or that belong to one connection and not to a request. */
const notConfigured = new Set(
  (
    'accept content-type content-length mcp-session-id mcp-protocol-version last-event-id ' +
    'connection keep-alive transfer-encoding te upgrade expect'
  ).split(' '),
)

/** Reads an endpoint. Userinfo in the URL becomes basic authorization. @throws `CONFIG_INVALID` */
export function readAddress(endpoint: HttpEndpoint, server: string): HttpAddress {
  const url = readUrl(endpoint.url, server)
  const headers: Record<string, string> = { 'user-agent': 'mcpvisor', 'accept-encoding': 'gzip, deflate, br' }
  const { username, password } = url
  if (username || password) headers['authorization'] = basic(username, password)
  for (const [name, value] of Object.entries(endpoint.headers)) {
    checkHeader(name, value, server)
    if (!notConfigured.has(name.toLowerCase())) headers[name.toLowerCase()] = value
  }
  url.username = url.password = url.hash = ''
  return { url, headers }
}

/** A URL as messages may show it: origin and path, since userinfo and query may hold secrets. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`
}

function readUrl(text: string, server: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  const got = url ? `the scheme "${url.protocol}"` : 'a text that is no URL'
  throw new SupervisorError(
    failure('CONFIG_INVALID', `Server "${server}": "url" must be an http or https URL, got ${got}`, { server }),
  )
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // A stray percent sign stands for itself.
  }
}

function checkHeader(name: string, value: string, server: string): void {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch {
    // The error of Node shows the value, which may be a secret.
    const message = `Server "${server}": header ${JSON.stringify(name)} must have a lawful name and value`
    throw new SupervisorError(failure('CONFIG_INVALID', message, { server }))
  }
}
