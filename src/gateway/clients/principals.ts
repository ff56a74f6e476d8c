import { type GatewayOptions, invalid, isToken, tokenForm } from '../options.js'
import { type ViewOptions, createView } from '../view.js'
import type { Principal } from './client.js'

export type Views = Pick<GatewayOptions, 'view' | 'views'>

/** Who may come, by the views in force. */
export interface Principals {
  /** Who comes by no token of a view. */
  readonly common: Principal
  /** Those with a token of their own. The map is another one after each change. */
  byToken(): ReadonlyMap<string, Principal>
  /** Puts other views in force. @throws `CONFIG_INVALID`, and then nothing has changed */
  follow(views: Views): Change
}

export interface Change {
  /** They see something else from now on. */
  readonly changed: ReadonlySet<Principal>
  /** Their tokens are none any more. */
  readonly revoked: readonly Principal[]
}

interface Granted {
  /** None for the common one. */
  readonly token?: string
  readonly principal: Principal
  /** The view as a text, to be compared. */
  readonly says: string
}

/** @throws `CONFIG_INVALID` for a view whose token is none, or that of another */
export function createPrincipals(views: Views): Principals {
  const common = granted('default', views.view)
  let current = [common, ...grantedBy(views)]
  let byToken = tokensOf(current)

  return {
    common: common.principal,
    byToken: () => byToken,
    follow(next) {
      const before = current
      const wanted = [granted('default', next.view), ...grantedBy(next)]
      const changed = new Set<Principal>()
      current = wanted.map((one) => {
        const kept = before.find((other) => other.token === one.token && other.principal.name === one.principal.name)
        if (!kept) return one
        if (kept.says !== one.says) changed.add(kept.principal)
        kept.principal.view = one.principal.view
        return { ...one, principal: kept.principal }
      })
      byToken = tokensOf(current)
      const staying = new Set(current.map(({ principal }) => principal))
      return { changed, revoked: before.flatMap(({ principal }) => (staying.has(principal) ? [] : principal)) }
    },
  }
}

function granted(name: string, view: ViewOptions = {}): Granted {
  for (const key of ['allow', 'deny'] as const)
    if (!isPatterns(view[key])) throw invalid(`View "${name}": "${key}" must be an array of patterns`)
  return { principal: { name, view: createView(view) }, says: JSON.stringify([view.allow, view.deny]) }
}

function isPatterns(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((pattern) => typeof pattern === 'string'))
}

function grantedBy({ views = {} }: Views): Granted[] {
  const tokens = new Set<string>()
  return Object.entries(views).map(([name, { token, ...view }]) => {
    if (!isToken(token)) throw invalid(`View "${name}": "token" must be ${tokenForm}`)
    if (tokens.has(token)) throw invalid(`View "${name}": "token" must not be that of another view`)
    tokens.add(token)
    return { token, ...granted(name, view) }
  })
}

function tokensOf(all: readonly Granted[]): ReadonlyMap<string, Principal> {
  return new Map(all.flatMap(({ token, principal }) => (token === undefined ? [] : [[token, principal] as const])))
}
