import { SupervisorError, failure } from '../errors.js'

export type PlainObject = Readonly<Record<string, unknown>>

/** Deeper than any configuration, shallower than the stack. */
export const deepestLevel = 100

export function isObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object of these entries. Any key is plain data in it, also `__proto__`. */
export function objectOf<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  return Object.freeze(Object.fromEntries(entries))
}

/**
 * A frozen copy of a JSON value, own keys only, so that later changes by its owner do not reach us.
 * @throws `CONFIG_INVALID` for a value that contains itself or is nested deeper than 100 levels.
 */
export function copyPlain(value: unknown, level = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (level > deepestLevel) {
    const message = `MCP configuration must be nested at most ${deepestLevel} levels deep`
    throw new SupervisorError(failure('CONFIG_INVALID', message, { phase: 'config' }))
  }
  if (Array.isArray(value)) return Object.freeze(value.map((item) => copyPlain(item, level + 1)))
  return objectOf(Object.entries(value).map(([key, item]) => [key, copyPlain(item, level + 1)] as const))
}
