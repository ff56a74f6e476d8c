import { type Challenge, scopesIn } from './challenge.js'
import type { Discovery } from './grant.js'
import type { AuthSettings } from './settings.js'

/**
 * The scopes to ask for: those of the challenge and of the configuration; without any, all that the resource names
 * (2025-11-25, authorization: scope selection). A wider scope keeps what was asked for before.
 */
export function scopesFor(
  { scopes }: AuthSettings,
  { resourceMetadata }: Discovery,
  challenge: Challenge | undefined,
  before: readonly string[] = [],
): string[] {
  const kept = challenge?.status === 403 ? before : []
  const asked = scopesIn(kept.join(' '), scopes.join(' '), challenge?.scope)
  return asked.length > 0 ? asked : scopesIn(resourceMetadata?.scopes_supported?.join(' '))
}

/** With `offline_access` where the authorization server knows it: a refresh token is given for nothing else there. */
export function withRefresh(scopes: readonly string[], { metadata }: Discovery): string[] {
  const isKnown = scopes.length > 0 && metadata?.scopes_supported?.includes('offline_access') === true
  return isKnown ? scopesIn(scopes.join(' '), 'offline_access') : [...scopes]
}
