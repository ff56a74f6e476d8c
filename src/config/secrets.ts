import type { Endpoint, OAuthSettings } from './entry.js'

/** Shorter texts occur by chance everywhere, and a mask over them would tell more than it hides. */
const shortestSecret = 4

/** Values that are often in an `env` or a header and that everybody knows. */
const publicValues = new Set([
  ...['true', 'false', 'null', 'none', 'auto', 'default', 'enabled', 'disabled'],
  ...['production', 'development', 'staging', 'test', 'debug', 'info', 'warn', 'warning', 'error', 'trace', 'silent'],
  ...['localhost', '127.0.0.1', '0.0.0.0', 'utf-8', 'utf8', 'stdio', 'http', 'https', 'bearer', 'basic'],
  ...['application/json', 'text/event-stream', 'application/json, text/event-stream', 'no-cache', 'keep-alive'],
])

export interface SecretSources {
  readonly endpoint: Endpoint
  /** The variables of the entry and its file. */
  readonly variables: Readonly<Record<string, string>>
  readonly oauth?: OAuthSettings | false | undefined
  /** What placeholders were replaced by, wherever they were. */
  readonly found: Iterable<string>
}

/** The texts to mask wherever an entry's server is spoken of: at least four characters each, longest first. */
export function secretsOf({ endpoint, variables, oauth, found }: SecretSources): string[] {
  const texts = [...Object.values(variables), ...[...found].filter((text) => !isAddress(text))]
  if (endpoint.transport !== 'stdio') {
    texts.push(...Object.values(endpoint.headers).flatMap(withoutScheme), ...secretsOfUrl(endpoint.url))
  }
  if (oauth) texts.push(...secretsOfOAuth(oauth))
  return [...new Set(texts.flatMap((text) => [text, text.trim()]))]
    .filter(isSecret)
    .toSorted((a, b) => b.length - a.length)
}

function isSecret(text: string): boolean {
  return text.length >= shortestSecret && !publicValues.has(text.toLowerCase()) && !isPort(text)
}

const isPort = (text: string): boolean => /^\d{4,5}$/.test(text) && Number(text) < 65_536

/** `Bearer abc` is a secret as a whole, and `abc` is. */
function withoutScheme(header: string): string[] {
  const credentials = /^[A-Za-z][\w-]*\s+(?<credentials>\S+)$/.exec(header)?.groups?.['credentials']
  return credentials === undefined ? [header] : [header, credentials]
}

function secretsOfUrl(text: string): string[] {
  if (!URL.canParse(text)) return []
  const { username, password, pathname, searchParams, search } = new URL(text)
  const login = username === '' && password === '' ? [] : [`${decoded(username)}:${decoded(password)}`]
  const rawValues = search
    .slice(1)
    .split('&')
    .map((pair) => pair.slice(pair.indexOf('=') + 1))
  return [
    ...login,
    ...[username, decoded(username), password, decoded(password)],
    ...searchParams.values(),
    ...rawValues,
    ...pathname.split('/').filter(isKeyLike),
  ]
}

/** Some servers are addressed by a path that is the key. */
const isKeyLike = (segment: string): boolean => segment.length >= 20 && /\d/.test(segment)

/** Only what authorizes: an id, a scope or an address is public by its nature. */
function secretsOfOAuth(oauth: OAuthSettings): string[] {
  return Object.entries(oauth).flatMap(([key, value]) => {
    return /(?:secret|password|token|assertion|privateKey)$/i.test(key) && typeof value === 'string' ? [value] : []
  })
}

/** An address that holds no secret: a placeholder may stand for a whole server. */
function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text) && secretsOfUrl(text).every((part) => part === '')
}

/** Percent-decoded; what is no lawful encoding is itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not an encoding after all: nothing is lost, the text as written is masked.
    return text
  }
}

/** A function that replaces each secret by `***`, also in base64, percent-encoded and inside a JSON string. */
export function createMask(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].filter((form) => form.length >= shortestSecret)
  if (forms.length === 0) return (text) => text
  const longestFirst = forms.toSorted((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'g')
  return (text) => text.replace(pattern, '***')
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  // A secret of several lines is often written a line at a time.
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= 16)
  return [
    secret,
    ...lines,
    JSON.stringify(secret).slice(1, -1),
    // By way of the bytes, since half a surrogate pair cannot be encoded.
    encodeURIComponent(bytes.toString()),
    new URLSearchParams({ s: secret }).toString().slice(2),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
