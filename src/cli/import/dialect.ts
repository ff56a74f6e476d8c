import { parseConfig } from '../../config/index.js'
import { type PlainObject, isObject } from '../plain-object.js'

/** What the configuration of a client says otherwise than the standard. What is missing here, it says as we do. */
export interface Dialect {
  /** The servers of a document. Default: those of any map that the configuration library knows. */
  readonly find?: (document: PlainObject, folder: string) => Found
  /** An entry in words that the configuration library reads. */
  readonly entry?: (entry: PlainObject) => PlainObject
  /** A text whose placeholders are those of the standard. */
  readonly text?: (text: string) => string
}

export interface Found {
  readonly servers: PlainObject
  /** What of the document is left out, and why. */
  readonly leftOut?: readonly string[]
}

/** The servers of a document in the words of the configuration library, placeholders of inputs still in place. */
export function translate(document: unknown, { find = anyMap, entry, text }: Dialect, folder: string): Found {
  if (!isObject(document)) return { servers: {} }
  const { servers, leftOut = [] } = find(document, folder)
  const translated = Object.entries(servers).map(([name, written]) => {
    const spoken = text ? mapTexts(written, text) : written
    return [name, entry && isObject(spoken) ? entry(spoken) : spoken] as const
  })
  return { servers: Object.fromEntries(translated), leftOut }
}

export const anyMap = (document: PlainObject): Found => ({ servers: parseConfig(document).raw })

export const mapAt =
  (key: string) =>
  (document: PlainObject): Found => ({ servers: objectAt(document, key) })

export function objectAt(object: PlainObject, key: string): PlainObject {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return isObject(value) ? value : {}
}

/** A JSON value with each text in it replaced; keys stay. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]))
}

/** An entry with supervision settings of ours beside those it has. */
export function supervised(entry: PlainObject, settings: PlainObject): PlainObject {
  return { ...entry, supervisor: { ...settings, ...objectAt(entry, 'supervisor') } }
}
