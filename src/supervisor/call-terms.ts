import type { CallTerms } from '../calls/ledger.js'
import { longestDelayMs } from '../config/defaults.js'
import { SupervisorError, failure } from '../errors.js'
import type { Progress } from '../mcp.js'

export interface WaitOptions {
  /** Milliseconds. Longest silence: progress starts it again. 0 leaves only the hard cap of the configuration. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The deadlines of one call from its options and the configuration. `Infinity` means the longest that is allowed.
 * @throws `CONFIG_INVALID` when `timeoutMs` is not a number >= 0.
 */
export function callTerms(
  { timeoutMs, signal }: WaitOptions,
  defaultIdleMs: number,
  capMs: number,
  onProgress?: (progress: Progress) => void,
): CallTerms {
  const idleMs = timeoutMs ?? defaultIdleMs
  if (typeof idleMs !== 'number' || Number.isNaN(idleMs) || idleMs < 0) {
    throw new SupervisorError(
      failure('CONFIG_INVALID', `"timeoutMs" must be a number >= 0, got ${String(idleMs)}`, { phase: 'call' }),
    )
  }
  return { idleMs: Math.min(idleMs, longestDelayMs), capMs, signal, onProgress }
}
