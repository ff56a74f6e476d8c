import { validateHeaderValue } from 'node:http'
import type { Field, Fields } from './aliases.js'
import { checkKey } from './check-key.js'
import type { HttpEndpoint, TransportKind } from './entry.js'
import { entryKeys } from './entry-keys.js'
import type { Tell } from './findings.js'
import { hasPlaceholder } from './placeholders.js'
import { isObject, objectOf } from './plain-data.js'
import { asText, checkText, trimmed } from './texts.js'
import { quoted } from './wording.js'

/** Reads the address of a server. Undefined when an error was told. */
export function readHttp(fields: Fields, type: TransportKind | undefined, tell: Tell): HttpEndpoint | undefined {
  const url = readUrl(fields.get('url'), tell)
  const headers = readHeaders(fields.get('headers'), tell)
  if (url === undefined || !headers) return undefined
  return { transport: type === 'http' || type === 'sse' ? type : inferred(url, fields.get('url'), tell), url, headers }
}

function readUrl(field: Field | undefined, tell: Tell): string | undefined {
  if (!field) return undefined
  const { value, at } = field
  if (typeof value !== 'string') {
    checkKey('url', field, tell)
    return undefined
  }
  const text = trimmed(value, at, 'url', tell)
  checkText(text, at, 'url', tell)
  // What is filled in later is judged later.
  if (hasPlaceholder(text)) return text
  const problem = urlProblem(text)
  if (problem !== undefined) {
    tell('bad-url', at, `"url" must be an http or https URL, got ${problem}`)
    return undefined
  }
  const { protocol, hostname, username, password } = new URL(text)
  if (protocol === 'http:' && !isLoopback(hostname)) tell('plain-http', at, '"url" is not encrypted: use https')
  if (username || password) tell('url-credentials', at, '"url" holds credentials', { hint: 'put them into "headers"' })
  return text
}

function urlProblem(text: string): string | undefined {
  if (text === '') return 'an empty one'
  if (!URL.canParse(text)) return 'a text that is no URL'
  const { protocol } = new URL(text)
  if (protocol === 'http:' || protocol === 'https:') {
    return entryKeys.url.schema.safeParse(text).success ? undefined : 'one without a host'
  }
  // A text with a colon in it may be anything, also a secret in the wrong place.
  return /^[a-z]{2,6}:$/.test(protocol) ? `the scheme ${quoted(protocol)}` : 'another scheme'
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || hostname.startsWith('127.')
  )
}

function inferred(url: string, field: Field | undefined, tell: Tell): HttpEndpoint['transport'] {
  if (!/\/sse\/?$/.test(url.replace(/[?#].*$/s, ''))) return 'auto'
  tell('inferred-sse', field?.at ?? [], '"url" ends in /sse and there is no "type": it is read as "sse"')
  tell('sse-deprecated', field?.at ?? [], 'is reached by SSE, an older transport that servers are leaving')
  return 'sse'
}

function readHeaders(field: Field | undefined, tell: Tell): Readonly<Record<string, string>> | undefined {
  if (!field) return {}
  if (!checkKey('headers', field, tell) || !isObject(field.value)) return undefined
  let isLawful = true
  const headers = Object.entries(field.value).map(([name, value]): [string, string] => {
    const at = [...field.at, name]
    const text = asText(value, at, `headers.${name}`, tell)
    checkText(text, at, `headers.${name}`, tell)
    if (!isHeaderValue(name, text)) {
      tell('bad-headers', at, `"headers.${name}" must hold no control characters and none beyond Latin-1`)
      isLawful = false
    }
    return [name, text]
  })
  return isLawful ? objectOf(headers) : undefined
}

function isHeaderValue(name: string, text: string): boolean {
  try {
    validateHeaderValue(name, text)
    return true
  } catch {
    // The error of Node shows the value, which may be a secret; that there is one says it all.
    return false
  }
}
