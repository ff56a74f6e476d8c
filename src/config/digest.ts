import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { ServerEntry } from './entry.js'
import { isObject } from './plain-data.js'
import type { ResolvedEntry } from './resolve.js'

/** The parts of an entry that its server depends on. A description is for people: a new one restarts nothing. */
type Identity = Pick<ResolvedEntry, 'endpoint' | 'policy' | 'includeTools' | 'excludeTools' | 'oauth' | 'protocolEra'>

/** Identifies what a server runs with: equal digests mean that a reload leaves it alone. Secrets count, hashed. */
export function digestEntry(entry: Identity): string {
  return hash('resolved', identityOf(entry))
}

/** Identifies an entry whose placeholders could not be resolved, by their names. Never equal to a resolved one. */
export function digestUnresolved(entry: ServerEntry): string {
  return hash('unresolved', { ...identityOf(entry), envFile: entry.envFile, variables: entry.variables })
}

function identityOf({ endpoint, policy, includeTools, excludeTools, oauth, protocolEra }: Identity) {
  // A policy has all its keys, always in the order of the defaults: the plain and several times cheaper text will do.
  return { endpoint, policy: JSON.stringify(policy), includeTools, excludeTools, oauth, protocolEra }
}

/**
 * Identifies an entry as it is written, placeholders in place, in every process; how it is supervised does not count. For
 * what is kept beside the configuration, never to be shown: whoever sees it can try out what it was made of.
 */
export function digestWritten(entry: ServerEntry): string {
  const { endpoint, includeTools, excludeTools, oauth, protocolEra, envFile, variables } = entry
  const identity = { endpoint, includeTools, excludeTools, oauth, protocolEra, envFile, variables }
  return createHash('sha256').update(canonical(identity)).digest('hex')
}

/**
 * Identifies how the server of an entry is started or reached, as it is written: what is seen of it and how it is supervised
 * does not count. As `digestWritten`, never to be shown.
 */
export function digestWay({ endpoint, envFile, variables }: ServerEntry): string {
  return createHash('sha256')
    .update(canonical(['way', { endpoint, envFile, variables }]))
    .digest('hex')
}

/** Of this process alone: whoever sees a digest cannot try out which secret gives it. */
const key = randomBytes(32)

function hash(...parts: readonly unknown[]): string {
  return createHmac('sha256', key).update(canonical(parts)).digest('hex')
}

/** JSON in which the order of keys does not matter, and an absent key is an undefined one. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
  return `{${members.join()}}`
}
