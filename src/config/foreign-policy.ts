import type { Field, Fields } from './aliases.js'
import { type Policy, longestDelayMs } from './defaults.js'
import type { Tell } from './findings.js'
import { type PlainObject, isObject } from './plain-data.js'
import { quoted, shown } from './wording.js'

interface ForeignTimeout {
  readonly to: 'callTimeoutMs' | 'connectTimeoutMs'
  /** Milliseconds of one unit. Unknown when the name says none: then it is ms, or seconds if it is below 1000. */
  readonly unitMs?: 1 | 1_000
}

/** Timeouts of other clients; a later row wins over an earlier one with the same meaning. */
export const foreignTimeouts: ReadonlyMap<string, ForeignTimeout> = new Map([
  ['timeout', { to: 'callTimeoutMs' }],
  ['requestTimeout', { to: 'callTimeoutMs' }],
  ['request_timeout_ms', { to: 'callTimeoutMs', unitMs: 1 }],
  ['timeoutMs', { to: 'callTimeoutMs', unitMs: 1 }],
  ['tool_timeout_sec', { to: 'callTimeoutMs', unitMs: 1_000 }],
  ['connectionTimeout', { to: 'connectTimeoutMs' }],
  ['initTimeout', { to: 'connectTimeoutMs' }],
  ['startup_timeout_ms', { to: 'connectTimeoutMs', unitMs: 1 }],
  ['startup_timeout_sec', { to: 'connectTimeoutMs', unitMs: 1_000 }],
] satisfies [string, ForeignTimeout][])

/** "Soon" for a server that another client would end after each use. */
const ephemeralMs = 1_000

/** More restarts than any server has: no limit. */
const unlimited = longestDelayMs

type Reader = (value: unknown) => Partial<Policy> | string

/** Restart settings of other clients. A reader gives the policy, or what the value must be. */
export const foreignRestarts: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['restartDelay', (value) => (isDelay(value) ? { minTimeoutMs: value } : 'a number of milliseconds >= 0')],
  // 0 is "no limit" where this key comes from.
  ['maxRestarts', (value) => (isCount(value) ? { maxRestarts: value || unlimited } : 'an integer >= 0')],
  ['restart', readRestart],
  ['reconnect', readRestart],
  ['restartOnExit', (value) => (typeof value === 'boolean' ? restarting(value) : 'true or false')],
  [
    'keep_alive',
    (value) => (typeof value === 'boolean' ? { idleTimeoutMs: value ? 0 : ephemeralMs } : 'true or false'),
  ],
  ['lifecycle', readLifecycle],
])

/** The supervision settings that an entry has in the words of other clients. */
export function readForeignPolicy(fields: Fields, tell: Tell): Partial<Policy> {
  const policy = {}
  for (const [key, timeout] of foreignTimeouts) {
    const field = fields.get(key)
    const ms = field && readTimeout(key, field, timeout, tell)
    if (ms !== undefined) Object.assign(policy, { [timeout.to]: ms })
  }
  for (const [key, read] of foreignRestarts) {
    const field = fields.get(key)
    if (!field) continue
    const got = read(field.value)
    if (typeof got === 'string') tell('bad-restart', field.at, `"${key}" must be ${got}, got ${shown(field.value)}`)
    else tell('alias-key', field.at, `"${key}" is read as ${list(Object.keys(got))} of "supervisor"`)
    if (typeof got !== 'string') Object.assign(policy, got)
  }
  return policy
}

function readTimeout(
  key: string,
  { value, at }: Field,
  { to, unitMs }: ForeignTimeout,
  tell: Tell,
): number | undefined {
  if (typeof value !== 'number' || !(value > 0)) {
    tell('bad-timeout', at, `"${key}" must be a number > 0, got ${typeof value === 'string' ? 'string' : shown(value)}`)
    return undefined
  }
  if (key !== 'timeout' && key !== 'requestTimeout' && key !== 'connectionTimeout') {
    tell('alias-key', at, `"${key}" is read as "${to}" of "supervisor"`)
  }
  const isSeconds = unitMs === undefined && value < 1_000
  if (isSeconds) tell('timeout-unit', at, `"${key}" is read as ${value} seconds: ${value} ms cannot be meant`)
  const ms = Math.ceil(value * (unitMs ?? (isSeconds ? 1_000 : 1)))
  if (ms > longestDelayMs) tell('timeout-limit', at, `"${key}" is cut to ${longestDelayMs} ms, the longest there is`)
  return Math.min(ms, longestDelayMs)
}

function readRestart(value: unknown): Partial<Policy> | string {
  if (typeof value === 'boolean') return restarting(value)
  if (!isObject(value)) return 'an object'
  const { enabled = true, maxAttempts, delayMs } = value
  if (typeof enabled !== 'boolean') return 'an object with "enabled" true or false'
  if (maxAttempts !== undefined && !isCount(maxAttempts)) return 'an object with "maxAttempts" an integer >= 0'
  if (delayMs !== undefined && !isDelay(delayMs)) return 'an object with "delayMs" a number >= 0'
  return {
    ...(maxAttempts !== undefined && { retries: maxAttempts }),
    ...(delayMs !== undefined && { minTimeoutMs: delayMs }),
    ...(!enabled && { retries: 0 }),
    ...restarting(enabled),
  }
}

const restarting = (isWanted: boolean): Partial<Policy> => (isWanted ? {} : { maxRestarts: 0 })

function readLifecycle(value: unknown): Partial<Policy> | string {
  const { mode, idleTimeoutMs }: PlainObject = isObject(value) ? value : { mode: value }
  if (mode !== 'keep-alive' && mode !== 'ephemeral') return '"keep-alive" or "ephemeral"'
  if (idleTimeoutMs !== undefined && !isDelay(idleTimeoutMs)) return 'an object with "idleTimeoutMs" a number >= 0'
  return { idleTimeoutMs: idleTimeoutMs ?? (mode === 'ephemeral' ? ephemeralMs : 0) }
}

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= longestDelayMs
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function list(keys: readonly string[]): string {
  return keys.length === 0 ? 'the default' : keys.map((key) => quoted(key)).join(' and ')
}
