import { setTimeout as sleep } from 'node:timers/promises'

import { SupervisorError } from '../errors.js'

export interface TestConnectionOptions {
  /** Milliseconds for each attempt: connecting and one listing. Default 5000. */
  readonly timeoutMs?: number | undefined
  /** Attempts in all. Default 3. */
  readonly attempts?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Tries `attempt` until it succeeds, at most `attempts` times, waiting 0.5 s, 1 s, 2 s … between. A failure that waiting
 * cannot mend ends it early. Resolves false instead of throwing; only the caller's abort, or an entry that cannot be
 * used at all, rejects.
 */
export async function testConnection(
  attempt: (terms: { timeoutMs: number; signal?: AbortSignal | undefined }) => Promise<unknown>,
  { timeoutMs = 5_000, attempts = 3, signal }: TestConnectionOptions,
): Promise<boolean> {
  for (let n = 0; n < attempts; n++) {
    try {
      await attempt({ timeoutMs, signal })
      return true
    } catch (error) {
      if (!(error instanceof SupervisorError) || error.code === 'CALL_ABORTED' || isOfConfiguration(error)) throw error
      if (!error.retryable) return false
      // An abort ends the wait early, and the next attempt rejects with it.
      if (n < attempts - 1) await sleep(500 * 2 ** n, undefined, signal && { signal }).catch(() => {})
    }
  }
  return false
}

function isOfConfiguration({ phase, cause }: SupervisorError): boolean {
  return phase === 'config' || (cause instanceof SupervisorError && cause.phase === 'config')
}
