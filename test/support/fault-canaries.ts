/** Secrets planted in a configuration, and the search for them wherever a host can look. */
import { inspect } from 'node:util'

/** Twelve secrets, by the place in an entry where each is planted; some hold what encodings change. */
export const canaries = {
  env: 'canary-env-8f14e45fce',
  envQuotes: 'canary "quoted" c:\\9a & %41',
  envLines: 'canary line one 3c59dc048e\ncanary line two b6d767d2f8',
  argument: 'canary-arg-37693cfc74',
  header: 'canary-header-1ff1de774005',
  bearer: 'canary-bearer-c4ca4238a0',
  userinfo: 'canary-pass-eccbc87e4b',
  query: 'canary-query-a87ff679a2',
  oauth: 'canary-oauth-e4da3b7fbb',
  input: 'canary-input-1679091c5a',
  variable: 'canary-var-45c48cce2e',
  token: 'canary+token/d3d944==',
} as const

const all = Object.values(canaries)

/** The ways in which a secret is often written, for a server that betrays them. */
function formsOf(secret: string): string[] {
  return [
    secret,
    Buffer.from(secret).toString('base64'),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ]
}

/** A text that betrays all of them in all forms. */
export const betrayal = all.flatMap(formsOf).join(' | ')

/** The forms that occur in what a host sees. */
export function found(text: string): string[] {
  // A secret of two lines may be shown line by line.
  return [...all.flatMap(formsOf), ...canaries.envLines.split('\n')].filter((form) => text.includes(form))
}

/** Everything that can be seen of a value: as JSON, and as `inspect` shows it with whatever hangs on it. */
export function seen(value: unknown, depth = 12): string {
  const error = value instanceof Error ? [value.message, value.stack, String(value), seen(value.cause)] : []
  return [
    ...error,
    JSON.stringify(value),
    inspect(value, { depth, showHidden: true, maxArrayLength: null, maxStringLength: null }),
  ].join('\n')
}
