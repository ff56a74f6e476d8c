import type { Policy } from '../config/defaults.js'

/** The part of a delay that chance may take away, so that servers that fell together do not rise together. */
const jitter = 0.25

/**
 * Milliseconds to wait before retry `n`, counted from 1: `min(minTimeoutMs * factor^(n-1), maxTimeoutMs)`, less up to a
 * quarter by chance. The words are those of p-retry; the waiting is a state of the server machine.
 */
export function backoffMs(
  policy: Pick<Policy, 'minTimeoutMs' | 'factor' | 'maxTimeoutMs' | 'randomize'>,
  n: number,
  random: () => number,
): number {
  const full = Math.min(policy.minTimeoutMs * policy.factor ** (n - 1), policy.maxTimeoutMs)
  return Math.round(policy.randomize ? full * (1 - jitter * random()) : full)
}

/** Milliseconds an open circuit stays open: doubles with each trip in a row, up to ten times the configured time. */
export function cooldownMs(policy: Pick<Policy, 'cooldownMs'>, trips: number): number {
  return policy.cooldownMs * Math.min(2 ** Math.max(trips - 1, 0), 10)
}
