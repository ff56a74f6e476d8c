/** A text of the wire, and which of its messages is meant where it holds several. */
export interface LongText {
  readonly text: string
  readonly index?: number
}

/** Writing down again what a longer text said would hold up everybody. */
const long = 65_536

const texts = new WeakMap<object, LongText>()

/** Parses a text of the wire. A long one is kept with the structured results in it, for whoever judges them. */
export function parseText(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (text.length <= long) return value
  if (Array.isArray(value)) value.forEach((one: unknown, index) => keep(one, { text, index }))
  else keep(value, { text })
  return value
}

/** The text that a result was read from, if it is a long one; it is not kept any more. */
export function takeText(result: object): LongText | undefined {
  const text = texts.get(result)
  if (text) texts.delete(result)
  return text
}

function keep(message: unknown, text: LongText): void {
  const result = own(message, 'result')
  if (own(result, 'structuredContent') !== undefined) texts.set(result as object, text)
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string, unknown>)[key]
}
