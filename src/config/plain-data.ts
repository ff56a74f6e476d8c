import { configInvalid } from '../errors.js'

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
 * A frozen copy of a JSON value, own keys only, so that later changes by its owner do not reach us. What equals `before`,
 * an earlier copy, is that copy itself: of two configurations, `===` then tells which entries changed.
 * @throws `CONFIG_INVALID` for a value that contains itself or is nested deeper than 100 levels.
 */
export function copyPlain(value: unknown, before?: unknown, level = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (level > deepestLevel) throw configInvalid(`MCP configuration must be nested at most ${deepestLevel} levels deep`)
  return Array.isArray(value) ? copyArray(value, before, level) : copyObject(value, before, level)
}

function copyArray(value: readonly unknown[], before: unknown, level: number): readonly unknown[] {
  const earlier = Array.isArray(before) ? (before as readonly unknown[]) : []
  const copy = value.map((item, index) => copyPlain(item, earlier[index], level + 1))
  const isSame =
    Array.isArray(before) && copy.length === earlier.length && copy.every((item, n) => same(item, earlier[n]))
  return isSame ? earlier : Object.freeze(copy)
}

function copyObject(value: object, before: unknown, level: number): PlainObject {
  const earlier = isObject(before) ? before : {}
  const keys = Object.keys(earlier)
  const copy = Object.entries(value)
  let isSame = isObject(before) && copy.length === keys.length
  for (const [index, entry] of copy.entries()) {
    const [key, item] = entry
    const old = Object.hasOwn(earlier, key) ? earlier[key] : undefined
    entry[1] = copyPlain(item, old, level + 1)
    // In another order it is read in another order.
    isSame &&= key === keys[index] && same(entry[1], old)
  }
  return isSame ? earlier : objectOf(copy)
}

const same = (one: unknown, other: unknown) => Object.is(one, other)
