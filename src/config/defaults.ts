/**
 * Which process or session answers a call: the one that all callers share; for a gateway, one for each of its clients;
 * a fresh one for each call; or, for each call, one of `pool` that are kept ready.
 */
export type SessionPolicy = 'shared' | 'per-client' | 'per-call' | { readonly pool: number }

/** How a server is supervised: the keys of the `supervisor` object of an entry, with every default filled in. */
export interface Policy {
  /** One attempt to connect: spawn or open, handshake, first listing. Milliseconds. */
  readonly connectTimeoutMs: number
  /** Attempts after the first. */
  readonly retries: number
  /** Delay before the first retry; the n-th waits `min(minTimeoutMs * factor^(n-1), maxTimeoutMs)`. */
  readonly minTimeoutMs: number
  readonly factor: number
  readonly maxTimeoutMs: number
  /** Shortens each delay by up to a quarter, at random. */
  readonly randomize: boolean
  /** Restart intensity (OTP): more restarts than this within `restartPeriodMs` open the circuit. */
  readonly maxRestarts: number
  readonly restartPeriodMs: number
  /** Uptime after which the failure counters start again from zero. */
  readonly stableAfterMs: number
  /** Time in `failed` before the one probe; doubles up to ten times. */
  readonly cooldownMs: number
  /** Idle deadline of a call; progress extends it. */
  readonly callTimeoutMs: number
  /** Hard cap of a call, whatever its progress. */
  readonly maxCallTimeoutMs: number
  readonly listTimeoutMs: number
  /** How long calls in flight may finish when their server changes or closes. */
  readonly drainTimeoutMs: number
  /** Each step of the shutdown ladder: stdin, SIGTERM, SIGKILL. */
  readonly shutdownTimeoutMs: number
  /** Ready and unused for so long: close, start again on use. 0 = never. */
  readonly idleTimeoutMs: number
  /** Time between pings while no call is in flight; two in a row without an answer are a loss. 0 = none. */
  readonly pingIntervalMs: number
  /** Calls in flight at once. */
  readonly maxConcurrency: number
  /** Calls waiting at most; one more is refused. */
  readonly maxQueue: number
  /** `lazy` connects on first use, `eager` when the supervisor is created. */
  readonly start: 'lazy' | 'eager'
  readonly session: SessionPolicy
  /** Withholds a result whose structured content is not what its tool announces. */
  readonly validateOutput: boolean
  /** `pin` holds a tool whose definition is another than the one that was seen first, until somebody approves it. */
  readonly tools: 'follow' | 'pin'
}

export const defaultPolicy: Policy = {
  connectTimeoutMs: 30_000,
  retries: 3,
  minTimeoutMs: 500,
  factor: 2,
  maxTimeoutMs: 30_000,
  randomize: true,
  maxRestarts: 5,
  restartPeriodMs: 10_000,
  stableAfterMs: 60_000,
  cooldownMs: 30_000,
  callTimeoutMs: 60_000,
  maxCallTimeoutMs: 600_000,
  listTimeoutMs: 15_000,
  drainTimeoutMs: 5_000,
  shutdownTimeoutMs: 2_000,
  idleTimeoutMs: 0,
  pingIntervalMs: 0,
  maxConcurrency: 64,
  maxQueue: 1_000,
  start: 'lazy',
  session: 'shared',
  validateOutput: false,
  tools: 'follow',
}

/** Timers of Node fire at once beyond this; every duration is held below it. */
export const longestDelayMs = 2 ** 31 - 1
