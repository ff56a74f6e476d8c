/** What a server asks for when it refuses a request (RFC 6750, 3; RFC 9728, 5.1). */
export interface Challenge {
  /** 401: no token, or one that is no longer good. 403: the token is good and its scope too small. */
  readonly status: 401 | 403
  readonly scope?: string
  readonly error?: string
  /** Where the metadata of the resource is said to be; as untrusted as the rest. */
  readonly resourceMetadataUrl?: string
}

export interface ChallengingAnswer {
  readonly status: number
  readonly header: (name: string) => string | undefined
}

/** A scheme at the beginning or after a comma, without a parameter's equals sign behind it. */
const schemes = /(?:^|,)\s*([A-Za-z][\w-]*)(?:\s+|$)(?!\s*=)/g
const parameters = /([A-Za-z_*][\w*-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g
/** A header longer than this is not read: nothing lawful is. */
const longestHeader = 16_384

/** The challenge of an answer; undefined for one that asks for nothing. A 403 asks only for a wider scope. */
export function challengeOf({ status, header }: ChallengingAnswer): Challenge | undefined {
  if (status !== 401 && status !== 403) return undefined
  const challenge = parseChallenge(status, header('www-authenticate'))
  return status === 401 || challenge.error === 'insufficient_scope' ? challenge : undefined
}

/** Reads the `Bearer` challenge of a `WWW-Authenticate` header; without one there is only the status. */
export function parseChallenge(status: 401 | 403, header: string | undefined): Challenge {
  const found = bearerOf(header ?? '')
  const { scope, error, resource_metadata: resourceMetadataUrl } = found
  return {
    status,
    ...(scope !== undefined && { scope }),
    ...(error !== undefined && { error }),
    ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl }),
  }
}

/** The scopes of a text, each once, in their order. */
export function scopesIn(...texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.flatMap((text) => text?.split(/\s+/) ?? []).filter((scope) => scope !== ''))]
}

function bearerOf(header: string): Record<string, string> {
  if (header.length > longestHeader) return {}
  // Quoted texts may hold anything, also what looks like a scheme: blank them while schemes are looked for.
  const blanked = header.replaceAll(/"(?:[^"\\]|\\.)*"/g, (quoted) => '_'.repeat(quoted.length))
  const starts = [...blanked.matchAll(schemes)]
  const index = starts.findIndex(([, scheme]) => scheme?.toLowerCase() === 'bearer')
  const start = starts[index]
  if (!start) return {}
  const part = header.slice(start.index + start[0].length, starts[index + 1]?.index)
  return Object.fromEntries(
    [...part.matchAll(parameters)].map(([, name = '', quoted, plain = '']) => [
      name.toLowerCase(),
      quoted?.replaceAll(/\\(.)/g, '$1') ?? plain,
    ]),
  )
}
