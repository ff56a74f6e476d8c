/** The type of a value as messages name it: `null` and `array` are told from `object`. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** A value as messages show it. Only for values that cannot hold a secret; use `typeName` for the others. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value, 40)
  return value !== null && typeof value === 'object' ? typeName(value) : String(value)
}

/** A text in double quotes, control characters escaped, cut when it is long. */
export function quoted(text: string, length = 80): string {
  return JSON.stringify(text.length > length ? `${text.slice(0, length)}…` : text)
}
