import { type Policy, defaultPolicy } from '../../src/config/defaults.js'
import { failure } from '../../src/errors.js'
import type { EntryRef } from '../../src/messages.js'

/** Small numbers, so that every limit and deadline is met often. */
export const simPolicy: Policy = {
  ...defaultPolicy,
  connectTimeoutMs: 100,
  retries: 2,
  minTimeoutMs: 20,
  maxTimeoutMs: 60,
  maxRestarts: 2,
  restartPeriodMs: 400,
  stableAfterMs: 250,
  cooldownMs: 150,
  listTimeoutMs: 60,
  drainTimeoutMs: 50,
  shutdownTimeoutMs: 10,
  maxConcurrency: 2,
  maxQueue: 3,
}

/** Sessions that stand by. */
export const simPool = 1

/** The variants of an entry that a configuration may hold; 0 is no entry. */
export function entryOf(name: string, variant: number, revision: number): EntryRef {
  const policy: Policy = {
    ...simPolicy,
    ...(variant === 2 && { start: 'eager' }),
    ...(variant === 3 && { idleTimeoutMs: 60 }),
    ...(variant === 4 && { session: 'per-call' }),
    ...(variant === 5 && { session: { pool: simPool } }),
  }
  const id = `${name}#${revision}.${variant}`
  if (variant !== 6) return { id, transport: 'stdio', policy }
  return { id, transport: 'stdio', policy, invalid: failure('CONFIG_INVALID', `Server "${name}": not an entry`) }
}

/** Two entries of one variant are the same, whatever reload they came with. */
export const digestOf = (id: string) => id.replace(/\d+\./, '')
