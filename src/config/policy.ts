import { z } from 'zod'
import { configInvalid } from '../errors.js'
import { type Policy, defaultPolicy, longestDelayMs } from './defaults.js'
import { didYouMean, withHint } from './findings.js'
import { nearest } from './nearest.js'
import { isObject } from './plain-data.js'
import { quoted, shown, typeName } from './wording.js'

/** Processes that stand by, at most: a number beyond is a mistake. */
const largestPool = 100

interface PolicyKey {
  readonly schema: z.ZodType
  /** What a value must be, as messages say it. */
  readonly expects: string
}

const durationFrom = (leastMs: number): PolicyKey => ({
  schema: z.number().min(leastMs).max(longestDelayMs),
  expects: `a number of milliseconds from ${leastMs} to ${longestDelayMs}`,
})
const countFrom = (least: number): PolicyKey => ({
  schema: z.int().min(least),
  expects: `an integer >= ${least}`,
})

/** The keys of a `supervisor` object that a server's policy is made of. */
const policyKeys: Readonly<Record<keyof Policy, PolicyKey>> = {
  connectTimeoutMs: durationFrom(1),
  retries: countFrom(0),
  minTimeoutMs: durationFrom(0),
  factor: { schema: z.number().min(1).max(1_000), expects: 'a number from 1 to 1000' },
  maxTimeoutMs: durationFrom(0),
  randomize: { schema: z.boolean(), expects: 'true or false' },
  maxRestarts: countFrom(0),
  restartPeriodMs: durationFrom(1),
  stableAfterMs: durationFrom(0),
  cooldownMs: durationFrom(0),
  callTimeoutMs: durationFrom(0),
  maxCallTimeoutMs: durationFrom(1),
  listTimeoutMs: durationFrom(1),
  drainTimeoutMs: durationFrom(0),
  shutdownTimeoutMs: durationFrom(0),
  idleTimeoutMs: durationFrom(0),
  pingIntervalMs: durationFrom(0),
  maxConcurrency: countFrom(1),
  maxQueue: countFrom(0),
  start: { schema: z.enum(['lazy', 'eager']), expects: '"lazy" or "eager"' },
  session: {
    schema: z.union([
      z.enum(['shared', 'per-client', 'per-call']),
      z.strictObject({ pool: z.int().min(1).max(largestPool) }),
    ]),
    expects: `"shared", "per-client", "per-call" or {"pool": n} with n from 1 to ${largestPool}`,
  },
  validateOutput: { schema: z.boolean(), expects: 'true or false' },
  tools: { schema: z.enum(['follow', 'pin']), expects: '"follow" or "pin"' },
}

/** A `supervisor` object, as editors see it. */
export const policySchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries(policyKeys).map(([key, { schema, expects }]) => {
        const known = isPolicyKey(key) ? { default: defaultPolicy[key] } : {}
        return [key, schema.optional().meta({ description: `Must be ${expects}.`, ...known })]
      }),
    ),
  )
  .meta({ id: 'supervisor', description: 'How mcpvisor supervises the server.' })

/** A lower bound that its upper bound must not be below, when both are given in one object. */
const orderedKeys = [
  ['minTimeoutMs', 'maxTimeoutMs'],
  ['callTimeoutMs', 'maxCallTimeoutMs'],
] as const

export interface PolicyProblem {
  /** The key it is about; absent when the object itself is wrong. */
  readonly key?: string
  readonly message: string
  readonly hint?: string | undefined
}

/** What of a `supervisor` object cannot be accepted. An unknown key is refused: it is a typo in an object of our own. */
export function policyProblems(input: unknown, where: string): PolicyProblem[] {
  if (input === undefined) return []
  if (!isObject(input)) return [{ message: `${quoted(where)} must be an object, got ${typeName(input)}` }]
  const problems = Object.entries(input).flatMap(([key, value]): PolicyProblem[] => {
    const rule = isPolicyKey(key) ? policyKeys[key] : undefined
    const subject = quoted(`${where}.${key}`)
    if (!rule)
      return [
        { key, message: `${subject} is not a known key`, hint: didYouMean(nearest(key, Object.keys(policyKeys))) },
      ]
    if (value === undefined || rule.schema.safeParse(value).success) return []
    return [{ key, message: `${subject} must be ${rule.expects}, got ${inFull(value)}` }]
  })
  return problems.length > 0 ? problems : disordered(input, where)
}

/** An object of ours holds no secret, so it may be shown. */
const inFull = (value: unknown) => (isObject(value) ? JSON.stringify(value).slice(0, 60) : shown(value))

function disordered(input: Readonly<Record<string, unknown>>, where: string): PolicyProblem[] {
  return orderedKeys.flatMap(([lower, upper]) => {
    const [least, most] = [input[lower], input[upper]]
    if (typeof least !== 'number' || typeof most !== 'number' || least <= most) return []
    return [
      { key: lower, message: `${quoted(`${where}.${lower}`)} must be at most "${upper}" (${most}), got ${least}` },
    ]
  })
}

/** The policy keys of an object that has no problems. */
export function pickPolicy(input: unknown): Partial<Policy> {
  if (!isObject(input)) return {}
  return Object.fromEntries(Object.entries(input).filter(([key, value]) => isPolicyKey(key) && value !== undefined))
}

/**
 * Reads supervision settings that may be partial; `where` names them in messages.
 * @throws `CONFIG_INVALID` naming key, expectation and value
 */
export function parsePolicy(input: unknown, where: string): Partial<Policy> {
  const problem = policyProblems(input, where)[0]
  if (problem) throw configInvalid(withHint(problem))
  return pickPolicy(input)
}

/** Fills a policy from layers, the later over the earlier. An upper bound nobody set gives way to its lower bound. */
export function layerPolicy(...layers: readonly Partial<Policy>[]): Policy {
  const policy: Policy = Object.assign({}, defaultPolicy, ...layers)
  return shared({
    ...policy,
    maxTimeoutMs: Math.max(policy.maxTimeoutMs, policy.minTimeoutMs),
    maxCallTimeoutMs: Math.max(policy.maxCallTimeoutMs, policy.callTimeoutMs),
  })
}

let latest: Policy = defaultPolicy

/** Servers of one configuration mostly have one policy: a thousand of them need not keep a thousand copies. */
function shared(policy: Policy): Policy {
  const keys = Object.keys(policyKeys) as (keyof Policy)[]
  if (!keys.every((key) => policy[key] === latest[key])) latest = policy
  return latest
}

function isPolicyKey(key: string): key is keyof Policy {
  return Object.hasOwn(policyKeys, key)
}
