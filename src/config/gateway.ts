import { z } from 'zod'

import { SupervisorError, failure } from '../errors.js'
import { createFiller } from './filler.js'
import { type Path, didYouMean } from './findings.js'
import { placeholdersOf } from './interpolate.js'
import { nearest } from './nearest.js'
import { isObject } from './plain-data.js'
import type { Surroundings } from './places.js'
import { quoted, shown, typeName } from './wording.js'

/** What of the servers may be seen and used: patterns `server` or `server/tool`, with `*` and `?`. */
export interface ViewSettings {
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
}

/** The top-level object `gateway`. */
export interface GatewaySettings {
  readonly naming?: 'prefix' | 'plain'
  readonly exposure?: 'all' | 'search'
  /** For clients that come with the token of the endpoint, or over stdio. */
  readonly view?: ViewSettings
  /** For clients that come with a token of their own, by name. */
  readonly views?: Readonly<Record<string, ViewSettings & { readonly token: string }>>
}

const patterns = z.array(z.string().min(1)).meta({ description: 'Patterns "server" or "server/tool", with * and ?.' })
const view = { allow: patterns.optional(), deny: patterns.optional() }

/** As editors see it. */
export const gatewaySchema = z
  .strictObject({
    naming: z
      .enum(['prefix', 'plain'])
      .optional()
      .meta({ description: 'Whether names begin with that of the server.' }),
    exposure: z.enum(['all', 'search']).optional().meta({ description: 'Every tool, or a few that find the others.' }),
    view: z.strictObject(view).optional().meta({ description: 'What clients see that have no view of their own.' }),
    views: z
      .record(z.string().min(1), z.strictObject({ token: z.string().min(1), ...view }))
      .optional()
      .meta({ description: 'What clients see that come with this token. What is denied wins over what is allowed.' }),
  })
  .meta({ id: 'gateway', description: 'What `mcpvisor serve` shows, and to whom.' })

/** What each value must be, as messages say it. */
const expectations: readonly (readonly [RegExp, string])[] = [
  [/^naming$/, '"prefix" or "plain"'],
  [/^exposure$/, '"all" or "search"'],
  [/(?:allow|deny)$/, 'an array of patterns'],
  [/(?:allow|deny)\.\d+$/, 'a pattern "server" or "server/tool"'],
  [/token$/, 'a string, best a placeholder'],
]

export interface GatewayProblem {
  readonly path: Path
  readonly message: string
  readonly hint?: string | undefined
}

/** What of an object `gateway` cannot be accepted. An unknown key is refused: it is a typo in an object of our own. */
export function gatewayProblems(input: unknown): GatewayProblem[] {
  if (input === undefined) return []
  const read = gatewaySchema.safeParse(input)
  if (read.success) return []
  return read.error.issues.flatMap((issue): GatewayProblem[] => {
    const at = issue.path as (string | number)[]
    if (issue.code !== 'unrecognized_keys') return [wrongValue(input, at)]
    const known =
      at.length === 0 ? Object.keys(gatewaySchema.shape) : [...(at[0] === 'views' ? ['token'] : []), 'allow', 'deny']
    return issue.keys.map((key) => ({
      path: [...at, key],
      message: `${subjectOf([...at, key])} is not a known key`,
      hint: didYouMean(nearest(key, known)),
    }))
  })
}

function wrongValue(input: unknown, path: readonly (string | number)[]): GatewayProblem {
  const value = path.reduce<unknown>(
    (inner, key) => (isObject(inner) || Array.isArray(inner) ? (inner as Record<string, unknown>)[key] : undefined),
    input,
  )
  const place = path.join('.')
  const expects = expectations.find(([of]) => of.test(place))?.[1] ?? 'an object'
  const got = place.endsWith('token') || expects === 'an object' ? typeName(value) : shown(value)
  return { path: [...path], message: `${subjectOf(path)} must be ${expects}, got ${got}` }
}

function subjectOf(path: readonly (string | number)[]): string {
  return quoted(['gateway', ...path].join('.'))
}

/** The settings of an object that has no problems. */
export function pickGateway(input: unknown): GatewaySettings {
  const read = gatewaySchema.safeParse(input ?? {})
  return read.success ? (read.data as GatewaySettings) : {}
}

/**
 * Fills in the placeholders of the tokens.
 * @throws `CONFIG_UNRESOLVED` naming every variable that is not set
 */
export function resolveGateway(
  { views = {}, ...settings }: GatewaySettings,
  scope: Surroundings & { readonly env: Readonly<Record<string, string | undefined>> },
): GatewaySettings {
  const { fill, missing } = createFiller(new Map(), scope)
  const filled = Object.entries(views).map(([name, of]) => [name, { ...of, token: fill(of.token, scope.env) }] as const)
  if (missing.size === 0) return { ...settings, views: Object.fromEntries(filled) }
  const message = `The tokens of "gateway.views" need ${[...missing].join(', ')}, which ${missing.size > 1 ? 'are' : 'is'} not set`
  throw new SupervisorError(failure('CONFIG_UNRESOLVED', message, { phase: 'config' }))
}

/** Views whose token stands in the file as it is. */
export function plainTokens({ views = {} }: GatewaySettings): Path[] {
  return Object.entries(views).flatMap(([name, { token }]) =>
    placeholdersOf(token).length === 0 ? [['views', name, 'token']] : [],
  )
}
